"""A trial of the matching: members, requests with the members who would be right, and texts that are no requests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.matching.files import Entry, Id, Unreadable, checked, entries, read_members
from bot.matching.profiles import Profile

Grade = Literal[1, 2]
"""1: could answer it as well. 2: is one of those who should be asked."""

RIGHT: Grade = 2


@dataclass(frozen=True, slots=True)
class Request:
    """A request with the members who fit it, by grade. `trap` names what makes it hard; empty when nothing does."""

    id: Id
    text: str
    lang: str | None
    relevant: dict[str, Grade]
    trap: str = ""

    @property
    def right(self) -> frozenset[str]:
        """The members who should be asked: finding one of them is a hit."""
        return frozenset(member for member, grade in self.relevant.items() if grade == RIGHT)


@dataclass(frozen=True, slots=True)
class Trial:
    """A whole trial, as one file holds it. `abstain` are texts to which nobody should be suggested with certainty."""

    members: tuple[Profile, ...]
    requests: tuple[Request, ...]
    abstain: tuple[str, ...]


class _Request(Entry):
    text: str
    lang: str | None = None
    relevant: Annotated[dict[str, Annotated[int, Field(ge=1, le=2)]], Field(default_factory=dict)]
    trap: str = ""


class _Abstain(Entry):
    text: str


def read_trial(path: Path, members: Path | None = None) -> Trial:
    """The trial of a file; `members` is a file to take the members from instead.

    Raises Unreadable, also when a request names a member who is not there or has no member of grade 2.
    """
    profiles = read_members(members or path).profiles
    known = {profile.id for profile in profiles}
    requests: list[Request] = []
    for number, given in enumerate(entries(path, "requests")):
        where = f"{path}: requests[{number}]"
        request = checked(_Request, given, where)
        if any(each.id == request.id for each in requests):
            raise Unreadable(f"{where}, field id: {request.id!r} stands there twice.")
        for member in request.relevant:
            if member not in known:
                raise Unreadable(f"{where}, field relevant: there is no member {member!r}.")
        if RIGHT not in request.relevant.values():
            raise Unreadable(f"{where}, field relevant: no member has grade {RIGHT}.")
        relevant: dict[str, Grade] = {key: 2 if grade == RIGHT else 1 for key, grade in request.relevant.items()}
        requests.append(Request(request.id, request.text, request.lang, relevant, request.trap))
    return Trial(profiles, tuple(requests), tuple(_abstain(path)))


def _abstain(path: Path) -> list[str]:
    given = entries(path, "abstain", optional=True)
    return [checked(_Abstain, each, f"{path}: abstain[{number}]").text for number, each in enumerate(given)]
