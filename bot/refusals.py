"""Refusals: what a person may not do, or not any more, as values of the domain with a sentence for each."""

from typing import Any

from bot.wording import Words


class Refusal(Exception):
    """An act was refused and nothing was changed. `key` names its sentence, `values` fill it.

    `field` is the form's field that the sentence belongs to, when there is one.
    """

    def __init__(self, key: str, *, field: str | None = None, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.field = field
        self.values = values

    def sentence(self, words: Words) -> str:
        """The refusal in the person's language."""
        return words(f"refusal.{self.key}", **self.values)


class NotAllowed(Refusal):
    """This person may not do this."""


class TooLate(Refusal):
    """It could have been done, but the case has moved on."""


class NotFound(Refusal):
    """There is no such thing, or it is not this person's to see; the two are never told apart."""


class Invalid(Refusal):
    """A field's value does not fit the organisation's data."""
