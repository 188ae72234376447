"""What a coordinator may change for the whole organisation, as a form."""

import zoneinfo
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from models.forms import Form, Text
from models.organisation import Choosing, Silence


def _numbers(value: Any) -> Any:
    """Months written in one field: "6, 12"."""
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


Title = Annotated[Text, Field(min_length=1, max_length=80)]
WorkingDays = Annotated[int, Field(ge=1, le=30)]


class OrganisationSettings(Form):
    """The organisation's settings. Days are working days except `draft_days`; months are calendar months.

    `quiet_periods` None means the usual ones; a list is checked against the calendar when it is saved.
    """

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    zone: Annotated[str, Field(max_length=60)] = "Europe/Stockholm"
    language: Literal["sv", "en"] = "sv"
    coordinator_title: Title = "FoU-samordnare"
    coordinator_title_en: Title = "R&D coordinator"
    choosing: Choosing = Choosing.COORDINATOR
    reminder_days: WorkingDays = 3
    offer_days: WorkingDays = 5
    triage_reminder_days: WorkingDays = 2
    triage_deputy_days: WorkingDays = 4
    unanswered_limit: Annotated[int, Field(ge=1, le=10)] = 3
    draft_days: Annotated[int, Field(ge=1, le=365)] = 14
    feedback_months: Annotated[
        list[Annotated[int, Field(ge=1, le=60)]],
        Field(max_length=4, default_factory=lambda: [6, 12]),
        BeforeValidator(_numbers),
    ]
    hours_usual: Annotated[int, Field(ge=1, le=200)] = 4
    digest_weekday: Annotated[int, Field(ge=0, le=6)] = 0
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 8
    digest_silence: Silence = Silence.SKIP
    quiet_periods: list[dict[str, Any]] | None = None
    terms: Annotated[Text, Field(max_length=1500)] = ""
    terms_en: Annotated[Text, Field(max_length=1500)] = ""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in zoneinfo.available_timezones():
            raise PydanticCustomError("zone_unknown", "there is no such time zone")
        return zone

    @field_validator("digest_hour")
    @classmethod
    def _not_when_clocks_change(cls, hour: int) -> int:
        if hour == 2:
            raise PydanticCustomError("hour_of_clock_change", "clocks are changed between two and three")
        return hour

    @field_validator("feedback_months")
    @classmethod
    def _each_month_once(cls, months: list[int]) -> list[int]:
        return sorted(set(months))

    @model_validator(mode="after")
    def _reminders_before_the_day(self) -> "OrganisationSettings":
        if self.reminder_days >= self.offer_days or self.triage_reminder_days > self.triage_deputy_days:
            raise PydanticCustomError("reminder_too_late", "a reminder comes before the day it reminds of")
        return self
