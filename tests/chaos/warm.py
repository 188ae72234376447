"""What every process of the parts has loaded when it is forked: imported once, by the process that forks them."""

import datetime as dt

from bot.matching.rank import Matcher
from bot.wording import words
from bot.workdays import Calendar
from models.schema import revisions
from tests.chaos import blind, program

LOADED = (blind, program)

revisions()
words("sv")
Calendar("Europe/Stockholm").is_working_day(dt.date(2027, 2, 1))
Matcher().rank("Vi läser allt som ska läsas en gång, osynkbart")
