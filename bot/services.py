"""What every surface is given: the database, the clock, and whoever suggests members."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.suggestions import Suggester
from models.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """Made once, in the composition root."""

    database: Database
    clock: Clock
    suggester: Suggester
