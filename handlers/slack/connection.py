"""Whether Slack is reached: over Socket Mode as the connection stands, and through the Web API as it last answered."""

import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from typing import Protocol
from urllib.error import URLError

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

ASKED_AGAIN = 30.0
"""Seconds for which Slack's latest answer holds: health is asked for more often than Slack should be."""
PATIENCE = 3
"""Seconds that Slack has to answer."""


class Socket(Protocol):
    """A Socket Mode connection."""

    def is_connected(self) -> bool:
        """Whether it stands now."""


class Connection:
    """How this process reaches Slack, and Slack the process. `socket` is there while Socket Mode is used."""

    def __init__(self, token: str, api_url: str) -> None:
        self._web = WebClient(token, base_url=api_url, timeout=PATIENCE, retry_handlers=[])
        self._asking = threading.Lock()
        self._asked_at: float | None = None
        self._trouble = ""
        self.socket: Socket | None = None

    def state(self) -> tuple[bool, str]:
        """Whether it works, and how it is in one sentence."""
        if self.socket is not None and not self.socket.is_connected():
            return (
                False,
                "Not connected to Slack over Socket Mode, and trying to be; nothing that people do arrives.",
            )
        with self._asking:
            if self._asked_at is None or time.monotonic() - self._asked_at > ASKED_AGAIN:
                self._trouble = self._ask()
                self._asked_at = time.monotonic()
            trouble = self._trouble
        if trouble:
            return False, trouble
        return True, "Slack answers." if self.socket is None else "Slack answers, and Socket Mode is connected."

    def _ask(self) -> str:
        try:
            self._web.auth_test()
        except SlackApiError as error:
            code = str(error.response["error"])
            return f"Slack says no to KONSULT_SLACK_BOT_TOKEN: {code if code.isidentifier() else 'an unknown error'}."
        except (URLError, OSError, HTTPException):
            return "Slack's Web API does not answer; messages wait in the queue."
        return ""


def hang_up(handler: SocketModeHandler) -> None:
    """Close a Socket Mode connection at once. By itself it would first wait up to three seconds for one word more."""
    handler.client.auto_reconnect_enabled = False
    session = handler.client.current_session
    line = None if session is None else session.sock
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    handler.close()  # type: ignore[no-untyped-call]
