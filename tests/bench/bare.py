"""The peer of the front: a Bolt app that does nothing but acknowledge, behind the same endpoint and server.

`python -m tests.bench.bare PORT API_URL` serves until it is told to stop.
"""

import sys

from slack_bolt import Ack, App

from bot import app
from handlers.slack.manifest import COMMAND
from handlers.slack.surface import client
from handlers.web import app as web_app
from tests.bench.chat import BOT_TOKEN, SECRET


def main(port: int, api_url: str) -> None:
    """Serve until SIGTERM."""
    bolt = App(client=client(BOT_TOKEN, api_url), signing_secret=SECRET)

    @bolt.command(COMMAND)
    def acknowledge(ack: Ack) -> None:
        ack()

    with app.until_told() as stop, app.listening(web_app.build(bolt, []), "127.0.0.1", port, "endpoint"):
        stop.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
