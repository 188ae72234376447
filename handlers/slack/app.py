"""The Slack app: every use case registered on one Bolt app, and every renderer in one table."""

import logging
import os
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.services import Services
from handlers.slack import (
    asking,
    behalf,
    card,
    casefile,
    commands,
    consult,
    digest,
    doing,
    home,
    lists,
    offers,
    options,
    people,
    profile,
    relay,
    rooms,
    setup,
    told,
)
from handlers.slack.asker import answered, asker_of, find_later, identify
from handlers.slack.observed import Observed
from handlers.slack.rendering import Renderer

USE_CASES: tuple[ModuleType, ...] = (
    commands,
    consult,
    lists,
    options,
    asking,
    offers,
    behalf,
    casefile,
    doing,
    home,
    profile,
    setup,
    digest,
    people,
)
RENDERING: tuple[ModuleType, ...] = (card, offers, relay, rooms, told, home, digest)


def build(services: Services, client: WebClient, signing_secret: str | None = None) -> App:
    """The app. Asks Slack once who the bot is (`auth.test`); raises SlackApiError when the token is no good."""
    for foreign in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        os.environ.pop(foreign, None)  # Bolt would silently turn to file-based OAuth
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.ERROR)  # its warnings quote what was typed
    app = Observed(client=client, signing_secret=signing_secret or "unused-in-socket-mode", logger=quiet)
    app.middleware(_who(services))
    for use_case in USE_CASES:
        use_case.register(app, services)
    return app


def renderers() -> dict[str, Renderer]:
    """A renderer for every kind of notice."""
    return {name: renderer for module in RENDERING for name, renderer in module.RENDERERS.items()}


def _who(services: Services) -> Callable[..., Any]:
    @answered
    def find(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker_of(context)

    def who(
        ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext, next: Callable[[], None]
    ) -> BoltResponse | None:
        """What is returned is the answer to somebody who could not be found out about; Bolt would give none."""
        if body.get("type") != "event_callback" and context.user_id and context.team_id:
            find_later(context, partial(identify, services, client, context.team_id, context.user_id))
            if "command" not in body:
                find(ack=ack, body=body, client=client, context=context)
                if "asker" not in context:
                    return ack.response
        next()
        return None

    return who
