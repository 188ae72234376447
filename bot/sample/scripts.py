"""The sample's scripts: the data files of this package, read and checked."""

import datetime as dt
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.case import AnswerKind, CaseOutcome, DeclineReason, Degree, Help, Phase
from models.life import Act
from models.people import RoleKind


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DistrictEntry(_Entry):
    """A district; a former one went up in its `successor` on its last day."""

    name: str
    cluster: str = ""
    units: list[str]
    successor: str = ""
    ended_on: dt.date | None = None


class PersonEntry(_Entry):
    """Somebody of the city. `key` is the user id in the workspace; `unit` is "District/Unit", or "/Unit" city-wide."""

    key: str
    name: str
    email: str
    line: str
    locale: str = "sv-SE"
    unit: str = ""
    confirmed: bool = True
    roles: list[RoleKind] = []


class MemberEntry(_Entry):
    """A member. Without `chat` they have no account; days of `away` are counted from today."""

    key: str
    name: str
    email: str
    title: str
    university: str
    locale: str = "sv-SE"
    chat: bool = True
    languages: list[str] = ["sv", "en"]
    capacity: int = 2
    keywords: list[str]
    bio: str
    publications: list[str]
    away: tuple[int, int] | None = None
    paused: int | None = Field(default=None, description="working days ago")
    ties: list[str] = []

    @property
    def line(self) -> str:
        """Who this is, in one line; the role comes first."""
        role = "Member" if self.locale.startswith("en") else "Ledamot"
        return f"{role}, {self.university} · {self.title}"


class City(_Entry):
    """The organisation, its landscape and its people."""

    name: str
    terms: str
    terms_en: str
    clusters: dict[str, str]
    city_wide: list[str]
    district: list[DistrictEntry]
    person: list[PersonEntry]


class Step(_Entry):
    """One act: so many working days `ago`, or `on` a day, by somebody, perhaps on somebody's behalf."""

    act: Act
    by: str = ""
    ago: int | None = None
    on: dt.date | None = None
    on_behalf: str = ""
    source: str = ""
    to: list[str] = []
    in_turn: bool = False
    note: str = ""
    hours: float | None = None
    reason: DeclineReason = DeclineReason.WITHHELD
    again_in: int = 0
    text: str = ""
    links: list[str] = []
    url: str = ""
    unit: str = ""
    dnr: str = ""
    outcome: CaseOutcome = CaseOutcome.ANSWERED
    lesson: str = ""
    agrees: bool = True
    months: int = 0
    helped: Degree = Degree.YES
    usable: Degree | None = None


class CaseEntry(_Entry):
    """A consultation; `wanted_in` counts days from filing. The first step is filing it."""

    title: str
    question: str
    area: str
    help: Help
    answer_kind: AnswerKind
    phase: Phase = Phase.UNKNOWN
    unit: str
    other_units: list[str] = []
    wanted_in: int | None = None
    shown: bool = True
    members_wanted: int = 1
    dnr: str = ""
    links: list[str] = []
    wishes: list[str] = []
    step: list[Step]


@lru_cache(maxsize=1)
def city() -> City:
    """The organisation."""
    return City.model_validate(_read("city.toml"))


@lru_cache(maxsize=1)
def members() -> list[MemberEntry]:
    """The academy."""
    return [MemberEntry.model_validate(entry) for entry in _all("members", "member")]


@lru_cache(maxsize=1)
def cases() -> list[CaseEntry]:
    """The consultations."""
    return [CaseEntry.model_validate(entry) for entry in _all("cases", "case")]


def _all(beginning: str, name: Literal["member", "case"]) -> list[Any]:
    folder = files("bot.sample") / "data"
    found = sorted(file.name for file in folder.iterdir() if file.name.startswith(beginning))
    return [entry for file in found for entry in _read(file)[name]]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("bot.sample") / "data" / name).read_text(encoding="utf-8"))
