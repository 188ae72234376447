"""What is filled in on the first day, and whenever the organisation grows: who, which channels, units, members."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from models.forms import Form, Profile, Text
from models.people import RoleKind

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def _address(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise PydanticCustomError("email", "not an e-mail address")
    return text


Name = Annotated[Text, Field(max_length=200)]
Id = int | None


class Appointing(Form):
    """Who is given which role; `user` is the chat's id."""

    user: str
    kind: RoleKind


class Holding(Form):
    """A role that somebody has."""

    person: int
    kind: RoleKind


class Channels(Form):
    """The coordinators' channel and the forum's, by the chat's ids."""

    coordinators: str
    forum: str

    @model_validator(mode="after")
    def _not_the_same(self) -> "Channels":
        if self.coordinators == self.forum:
            raise PydanticCustomError("channels_same", "why somebody declined is for the coordinators only")
        return self


class NewUnit(Form):
    """A district, a unit, or both: a unit of the district that is named or chosen, city-wide without either."""

    district: Name = ""
    district_id: Id = None
    name: Name = ""

    @model_validator(mode="after")
    def _something(self) -> "NewUnit":
        if not self.district and not self.name:
            raise PydanticCustomError("unit_or_district", "neither a district nor a unit is named")
        if self.district and self.district_id is not None:
            raise PydanticCustomError("district_twice", "a district is both named and chosen")
        return self


class NewMember(Profile):
    """A member to add: by account, by name and perhaps address; `university` names one that is not in the list."""

    user: Annotated[str, Field(max_length=60)] = ""
    name: Name = ""
    email: Annotated[Text, Field(max_length=254), AfterValidator(_address)] = ""
    university: Name = ""

    @model_validator(mode="after")
    def _somebody(self) -> "NewMember":
        if not self.user and not self.name:
            raise PydanticCustomError("member_nameless", "neither an account nor a name is given")
        return self

    @property
    def profile(self) -> Profile:
        """The profile alone."""
        return Profile.model_construct(**{field: getattr(self, field) for field in Profile.model_fields})
