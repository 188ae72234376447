"""Who acts: a person, a coordinator on somebody's behalf, or the clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behalf:
    """Whom a coordinator acts for, and how their wish is known ("by e-mail 14 March")."""

    person_id: int
    source: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person within one organisation; `person_id` None is the clock."""

    organisation_id: int
    person_id: int | None
    behalf: Behalf | None = None

    @property
    def stands_for(self) -> int | None:
        """The person whose part is acted: the one spoken for, otherwise the actor."""
        return self.behalf.person_id if self.behalf else self.person_id

    def for_person(self, person_id: int, source: str) -> "Actor":
        """The same actor, acting on somebody's behalf."""
        return Actor(self.organisation_id, self.person_id, Behalf(person_id, source))


def clock(organisation_id: int) -> Actor:
    """The actor of everything that happens because a date came."""
    return Actor(organisation_id, None)
