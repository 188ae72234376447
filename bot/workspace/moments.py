"""The moments at which programs may look on, while a call or something a person did is under way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.workspace.delivery import Answer, Delivery, Document, Kind

Phase = Literal["accepted", "answered", "handed", "acknowledged"]


@dataclass(frozen=True)
class Moment:
    """One moment of a call of the bot, or of something handed to it.

    A call (`name`: its method, or `response_url`; `content`: its arguments) is **accepted** when it has been carried
    out and committed and nothing of the answer has left, which is not said of a call that is refused; and **answered**
    when the answer has left, whatever it was (`answer`: None when the connection was closed instead).

    A command, form, click or event (`name`: `slash_commands`, `interactive` or `events_api`; `content`: the payload)
    is **handed** when it is about to leave for the bot, at each delivery; and **acknowledged** when the bot has
    acknowledged it in time (`answer`: what came with that).

    `fault` names the trouble that the call is meant to meet, see `Switches`.
    """

    phase: Phase
    name: str
    content: Document
    answer: Document | None = None
    fault: str | None = None


Listener = Callable[[Moment], None]


class Moments:
    """Those who look on, told in turn."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> Callable[[], None]:
        """Returns what ends it."""
        self._listeners = [*self._listeners, listener]

        def end() -> None:
            self._listeners = [each for each in self._listeners if each is not listener]

        return end

    def tell(self, moment: Moment) -> None:
        for listener in self._listeners:
            listener(moment)


class Watched:
    """A delivery whose moments are told."""

    def __init__(self, delivery: Delivery, moments: Moments) -> None:
        self._delivery = delivery
        self._moments = moments

    async def send(self, kind: Kind, payload: Document, attempt: int = 0, reason: str = "") -> Answer:
        self._moments.tell(Moment("handed", kind, payload))
        answer = await self._delivery.send(kind, payload, attempt, reason)
        if answer.error is None:
            self._moments.tell(Moment("acknowledged", kind, payload, answer.document))
        return answer

    async def connected(self) -> bool:
        return await self._delivery.connected()
