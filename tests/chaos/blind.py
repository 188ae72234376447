"""Workers that never look whether a doubtful post has arrived: the control of the fault tests."""

from bot.surfaces import Delivery, Place
from handlers.slack.surface import SlackSurface
from tests.chaos.program import hurried


def blind(command: str) -> None:
    """`konsult run`, `serve` or `work`, hurried, for whom every history is empty."""
    SlackSurface.find = _sees_nothing  # type: ignore[method-assign,assignment]
    hurried(command)


def _sees_nothing(_surface: SlackSurface, _delivery: Delivery, _address: str) -> Place | None:
    return None
