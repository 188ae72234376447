"""The sample organisation of the demo: an invented city with people, a year of consultations, and no real person."""

from bot.sample.filling import Somebody, fill

__all__ = ["Somebody", "fill"]
