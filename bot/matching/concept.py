"""Concepts of the field, and the files of terms in which they are written."""

import tomllib
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError


class Unusable(ValueError):
    """A terms file that cannot be read; the message is one sentence naming the file, the concept and the field."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of the field. `name` is its Swedish name and what other concepts call it by; `area` the file it
    stands in. `also` are Swedish synonyms, `short` its abbreviations; `signs` and `signs_en` are words in which a
    situation of the kind is told without any of these names: two of them together bring it up."""

    name: str
    area: str
    en: tuple[str, ...]
    also: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    signs_en: tuple[str, ...] = ()

    @property
    def swedish(self) -> tuple[str, ...]:
        """Every Swedish name, the preferred one first."""
        return (self.name, *self.also)


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the taxonomy, as people read it."""

    key: str
    sv: str
    en: str


def read(text: str, key: str, where: str) -> tuple[Area, list[Concept]]:
    """The area and the concepts of one file's text; `key` is the area's key, `where` what errors call the file.

    Raises Unusable, naming the file and the line, the concept or the field.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"{where}: is not TOML ({error}).") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{where}: is not TOML that can be read.") from error
    title = _checked(_AREA, given.pop("area", {"sv": key, "en": key}), f'{where}: "area"')
    concepts = []
    for written, value in given.items():
        name = _checked(_NAME, written, f'{where}: "{written[:40]}", name')
        entry = _checked(_CONCEPT, value, f'{where}: "{name}"')
        concepts.append(
            Concept(
                name,
                key,
                tuple(entry.en),
                tuple(entry.also),
                tuple(entry.short),
                tuple(entry.broader),
                tuple(entry.related),
                tuple(entry.signs),
                tuple(entry.signs_en),
            )
        )
    return Area(key, title.sv, title.en), concepts


LONGEST = 75
"""So many letters a concept's own name may have: it is a choice on screen. Its other names may be longer."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
_OwnName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, strip_whitespace=True, pattern="^[^@]")]


class _Area(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sv: _Name
    en: _Name


class _Concept(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    en: list[_Name] = []
    also: list[_Name] = []
    short: list[_Name] = []
    broader: list[_Name] = []
    related: list[_Name] = []
    signs: list[_Name] = []
    signs_en: list[_Name] = []


_AREA: TypeAdapter[_Area] = TypeAdapter(_Area)
_NAME: TypeAdapter[str] = TypeAdapter(_OwnName)
_CONCEPT: TypeAdapter[_Concept] = TypeAdapter(_Concept)


def _checked(kind: TypeAdapter[Any], given: Any, where: str) -> Any:
    try:
        return kind.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        said = "should be a table" if first["type"] in {"model_type", "dataclass_type"} else first["msg"]
        raise Unusable(f"{where}{', ' + place if place else ''}: {said}.") from error
