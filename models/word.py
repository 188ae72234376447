"""The words of the consultations: what search looks up."""

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base

_Word = String(80).with_variant(String(80, collation="C"), "postgresql")
"""Compared letter by letter on both databases, whatever the database's own language, so that words with the same
beginning stand together in an index."""

_LAST = chr(0x10FFFF)
"""Comes after every letter."""


class CaseWord(Base):
    """A word of a case's texts as the matcher reads it. Text that may be shown, only."""

    __tablename__ = "case_word"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "case_id"], ["case.organisation_id", "case.id"]),
        Index("ix_case_word_case", "case_id"),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(_Word, primary_key=True)
    case_id: Mapped[int] = mapped_column(primary_key=True)


def beginning(letters: str) -> ColumnElement[bool]:
    """Whether a word begins with these letters: a range, which an index serves on either database."""
    return CaseWord.word.between(letters, letters + _LAST)
