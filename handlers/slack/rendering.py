"""Rendering: from a notice's ids to a message, in its reader's language, from state as it is now."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import casebook
from bot.casefile import CaseSeen
from bot.services import Services
from bot.surfaces import Delivery
from bot.wording import Words, words
from handlers.slack.blocks import Message
from models.case import Event
from models.organisation import Organisation
from models.people import Identity, Person


@dataclass(frozen=True, slots=True)
class Scene:
    """What a renderer has: a reading session, the notice, the reader (None: a channel) and their words."""

    services: Services
    session: Session
    delivery: Delivery
    reader: int | None
    words: Words

    def case(self) -> CaseSeen:
        """The case the notice is about. Raises `LookupError` when the notice is about none."""
        if self.delivery.case_id is None:
            raise LookupError(f"{self.delivery.name} is about no case")
        return casebook.read(self.session, self.delivery.case_id)

    def event(self) -> Event:
        """The event the notice tells of. Raises `LookupError` when it tells of none."""
        if self.delivery.event_id is None:
            raise LookupError(f"{self.delivery.name} tells of no event")
        return self.session.get_one(Event, self.delivery.event_id)

    def user(self, person_id: int) -> str | None:
        """A person's user id in the chat, or None when they are not in it."""
        return self.session.scalar(
            select(Identity.user).where(Identity.person_id == person_id, Identity.active).order_by(Identity.id).limit(1)
        )

    def name(self, person_id: int) -> str:
        """A person's name."""
        return self.session.get_one(Person, person_id).name

    def as_read_by(self, person_id: int) -> "Scene":
        """The same notice for another reader, in that person's language."""
        language = self.session.get_one(Person, person_id).language
        return Scene(self.services, self.session, self.delivery, person_id, words(language, self.words.zone))


Renderer = Callable[[Scene], Message | None]
"""Makes the message; None when the notice has become obsolete."""


def scene(services: Services, session: Session, delivery: Delivery) -> Scene:
    """The scene for a notice: a person's own language, the organisation's for channels."""
    organisation = session.get_one(Organisation, delivery.organisation_id)
    kind, _, subject = delivery.receiver.partition(":")
    reader = int(subject) if kind in {"person", "home"} else None
    language = session.get_one(Person, reader).language if reader is not None else organisation.language
    return Scene(services, session, delivery, reader, words(language, organisation.zone))
