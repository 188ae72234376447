"""The methods of the Web API that the workspace answers: each takes a request and returns the answer."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.workspace.methods import channels, chat, conversations, modals, team, users
from bot.workspace.request import Request

Method = Callable[[Request], dict[str, Any]]

METHODS: Mapping[str, Method] = {
    **team.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **channels.METHODS,
    **users.METHODS,
    **modals.METHODS,
}
