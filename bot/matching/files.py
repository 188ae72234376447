"""Members and requests read from JSON files, with errors that name the file, the entry and the field."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError, model_validator

from bot.matching.profiles import Profile

Id = int | str


class Unreadable(ValueError):
    """A file that cannot be used; the message is one sentence naming the file, the entry and the field."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a file, and their ids as the file writes them (numbers or texts)."""

    profiles: tuple[Profile, ...]
    ids: dict[str, Id]

    @classmethod
    def of(cls, profiles: Iterable[Profile]) -> Self:
        """Members that come from elsewhere than a file."""
        kept = tuple(profiles)
        return cls(kept, {profile.id: profile.id for profile in kept})


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a file; `id` is None for a text given by itself."""

    id: Id | None
    text: str
    lang: str | None = None


class Entry(BaseModel):
    """An entry of a file: it has an id, a number or a text, and a field that is null is not there."""

    model_config = ConfigDict(strict=True)

    id: StrictInt | StrictStr

    @model_validator(mode="before")
    @classmethod
    def _null_is_missing(cls, given: Any) -> Any:
        return {key: value for key, value in given.items() if value is not None} if isinstance(given, dict) else given


Kind = TypeVar("Kind", bound=Entry)


class _Member(Entry):
    name: str = ""
    title: str = ""
    university: str = ""
    keywords: list[str] = []
    bio: str = ""
    publications: list[str] = []
    lang: str = "sv"


class _Request(Entry):
    text: str
    lang: str | None = None


def read_members(path: Path) -> Members:
    """The members of a file: a list, or an object with the list under `members`. Raises Unreadable, also
    when two members have the same id."""
    profiles: list[Profile] = []
    ids: dict[str, Id] = {}
    for number, given in enumerate(entries(path, "members")):
        member = checked(_Member, given, f"{path}: members[{number}]")
        key = str(member.id)
        if key in ids:
            raise Unreadable(f"{path}: members[{number}], field id: {member.id!r} stands there twice.")
        ids[key] = member.id
        profiles.append(
            Profile(
                id=key,
                name=member.name,
                title=member.title,
                university=member.university,
                keywords=tuple(member.keywords),
                bio=member.bio,
                publications=tuple(member.publications),
                lang=member.lang,
            )
        )
    return Members(tuple(profiles), ids)


def read_requests(path: Path) -> list[Request]:
    """The requests of a file: a list, or an object with the list under `requests`. Raises Unreadable."""
    found = []
    for number, given in enumerate(entries(path, "requests")):
        request = checked(_Request, given, f"{path}: requests[{number}]")
        found.append(Request(request.id, request.text, request.lang))
    return found


def entries(path: Path, name: str, *, optional: bool = False) -> list[Any]:
    """The list under `name` in a file, or the list that the file is. Raises Unreadable when there is none; with
    `optional` it may be missing."""
    try:
        given = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: is not UTF-8 text (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"{path}: is not JSON (line {error.lineno}: {error.msg}).") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path}: is not JSON that can be read.") from error
    if isinstance(given, dict):
        given = given.get(name, [] if optional else None)
    if not isinstance(given, list):
        raise Unreadable(f'{path}: should be a list, or an object with a list under "{name}".')
    return given


def checked(kind: type[Kind], given: Any, where: str) -> Kind:
    """An entry that has been checked. Raises Unreadable, naming `where` it stands and the field."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise Unreadable(f"{where}, {_problem(error)}") from error


def _problem(error: ValidationError) -> str:
    """The first thing wrong. An id is a number or a text: the two checks of that choice are one field."""
    first = error.errors(include_url=False, include_context=False)[0]
    field, *places = first["loc"] or ("",)
    message = "Input should be a whole number or a text" if field == "id" and places else first["msg"]
    if not field:
        return "entry: should be an object."
    return f"field {field}{''.join(f'[{place}]' for place in places if isinstance(place, int))}: {message}."
