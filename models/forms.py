"""Every form that a person fills in, and the value that a button carries.

A form refuses with pydantic's error types and a few of its own (`personal_number`, `past_date` …); each type has a
sentence in the catalogues, so that the same refusal reads the same on every surface.
"""

import datetime as dt
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from models.case import AnswerKind, CaseOutcome, DeclineReason, Degree, Help, Phase
from models.life import Act
from models.personal_number import personal_numbers


def _without_personal_numbers(text: str) -> str:
    if personal_numbers(text):
        raise PydanticCustomError("personal_number", "holds a personal or coordination number")
    return text


def _stripped(value: Any) -> Any:
    return value.strip().replace("\x00", "") if isinstance(value, str) else value


def _lines(value: Any) -> Any:
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


_URL = TypeAdapter(HttpUrl)


def _web_address(text: str) -> str:
    return str(_URL.validate_python(text))


def _none_when_blank(value: Any) -> Any:
    return None if value in ("", "none") else value


Text = Annotated[str, BeforeValidator(_stripped), AfterValidator(_without_personal_numbers)]
"""Free text by a person: trimmed, and refused when it holds a valid Swedish personal or coordination number."""

Link = Annotated[Text, Field(max_length=1000), AfterValidator(_web_address)]
"""A web address, http or https; refused like a text when it holds a personal number."""

Links = Annotated[list[Link], Field(max_length=10), BeforeValidator(_lines)]


class Form(BaseModel):
    """A form's values, checked once and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=20_000)


class Question(Form):
    """The request (förfrågan) as filed or edited. Dates are days in the organisation's zone.

    `today`, given as validation context, refuses dates in the past.
    """

    title: Annotated[Text, Field(min_length=3, max_length=150)]
    question: Annotated[Text, Field(min_length=10, max_length=3000)]
    area_id: Annotated[int | None, BeforeValidator(_none_when_blank)] = None
    help: Help
    answer_kind: AnswerKind
    phase: Phase = Phase.UNKNOWN
    unit_id: int
    other_unit_ids: Annotated[list[int], Field(max_length=20)] = []
    wanted_by: Annotated[dt.date | None, BeforeValidator(_none_when_blank)] = None
    shown: bool = True
    members_wanted: Annotated[int, Field(ge=1, le=3)] = 1
    dnr: Annotated[Text, Field(max_length=60)] = ""
    links: Links = []
    wished_member_ids: Annotated[list[int], Field(max_length=3)] = []
    topics: Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=10)] = []

    @field_validator("wanted_by")
    @classmethod
    def _not_past(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if day is not None and info.context is not None and day < info.context["today"]:
            raise PydanticCustomError("past_date", "the day has passed")
        return day

    @model_validator(mode="after")
    def _one_unit_once(self) -> "Question":
        if self.unit_id in self.other_unit_ids:
            raise PydanticCustomError("same_unit", "the responsible unit is named among the others too")
        return self


class Clarification(Form):
    """What the coordinator wants completed (komplettera)."""

    text: Annotated[Text, Field(min_length=3, max_length=2000)]


class Asking(Form):
    """A question to one or several members. `hours` is the estimate that the member is told.

    `in_turn`: only the first is asked now, each of the others when the one before has said no or stayed silent.
    """

    member_ids: Annotated[list[int], Field(min_length=1, max_length=5)]
    in_turn: bool = False
    note: Annotated[Text, Field(max_length=1000)] = ""
    hours: Annotated[int | None, Field(ge=1, le=200), BeforeValidator(_none_when_blank)] = None


class Declining(Form):
    """Why a member declines; `not_now` names the day from which they may be asked again."""

    reason: DeclineReason
    ask_again_from: Annotated[dt.date | None, BeforeValidator(_none_when_blank)] = None

    @model_validator(mode="after")
    def _day_for_not_now(self) -> "Declining":
        if self.reason is DeclineReason.NOT_NOW and self.ask_again_from is None:
            raise PydanticCustomError("day_missing", "not now needs a day")
        return self


class Writing(Form):
    """A short text: a note, a query, a reply, a comment, why a case is paused."""

    text: Annotated[Text, Field(min_length=1, max_length=3000)]


class Linking(Form):
    """A link to add to a case."""

    url: Link
    title: Annotated[Text, Field(max_length=200)] = ""


class Answering(Form):
    """A member's answer."""

    text: Annotated[Text, Field(min_length=3, max_length=12_000)]
    links: Links = []


class Closing(Form):
    """How a case ends. `hours` is the time that the members spent."""

    outcome: CaseOutcome
    hours: Annotated[float | None, Field(ge=0, le=1000), BeforeValidator(_none_when_blank)] = None
    lesson: Annotated[Text, Field(max_length=2000)] = ""


class LessonWriting(Form):
    """The lesson, written or rewritten after closing."""

    text: Annotated[Text, Field(min_length=3, max_length=2000)]


class Feedbacking(Form):
    """Two questions after closing, and one text: what came of the advice."""

    helped: Degree
    usable: Degree | None = None
    text: Annotated[Text, Field(max_length=2000)] = ""


class Diary(Form):
    """The diary number of one unit's board; empty takes it away."""

    unit_id: int
    dnr: Annotated[Text, Field(max_length=60)] = ""


class Profile(Form):
    """What a member says of themselves and how they want to be asked."""

    title: Annotated[Text, Field(max_length=200)] = ""
    university_id: Annotated[int | None, BeforeValidator(_none_when_blank)] = None
    keywords: Annotated[list[Annotated[Text, Field(max_length=80)]], Field(max_length=40), BeforeValidator(_lines)] = []
    bio: Annotated[Text, Field(max_length=3000)] = ""
    publications: Annotated[
        list[Annotated[Text, Field(max_length=1000)]], Field(max_length=40), BeforeValidator(_lines)
    ] = []
    languages: Annotated[list[str], Field(max_length=5)] = ["sv"]
    capacity: Annotated[int, Field(ge=0, le=20)] = 2


class Away(Form):
    """Days away, both included."""

    first_day: dt.date
    last_day: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> "Away":
        if self.last_day < self.first_day:
            raise PydanticCustomError("days_in_order", "the last day is before the first")
        return self


class Naming(Form):
    """Whether a member agrees to be named with the lesson."""

    agrees: bool


class Sourced(Form):
    """How a coordinator knows what they record on somebody's behalf ("by e-mail 14 March")."""

    source: Annotated[Text, Field(min_length=1, max_length=200)]


class Registration(Form):
    """A requester's unit, asked once."""

    unit_id: int


class Button(Form):
    """What a button carries: the act and the ids, never the state. `version` tells an old button from a fresh one.

    `members` is the order in which a coordinator saw several suggested.
    """

    act: Act | None = None
    case: int | None = None
    offer: int | None = None
    member: int | None = None
    members: tuple[int, ...] | None = None
    draft: int | None = None
    answer: int | None = None
    unit: int | None = None
    person: int | None = None
    months: int | None = None
    version: int | None = None
