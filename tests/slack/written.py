"""Every column of the schema that can hold a text, whose it is, and how to put another text there."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import JSON, Column, Enum, String, Table, select, update
from sqlalchemy.orm import Session

from models.case import Draft
from models.database import Base
from models.forms import Linking
from models.organisation import Organisation
from models.people import Member, Person

WRITTEN: dict[str, frozenset[str]] = {
    "answer": frozenset({"text", "links"}),
    "area": frozenset({"name", "name_en"}),
    "case": frozenset({"title", "question"}),
    "case_link": frozenset({"url", "title"}),
    "case_unit": frozenset({"dnr"}),
    "cluster": frozenset({"name", "theme"}),
    "comment": frozenset({"text"}),
    "district": frozenset({"name"}),
    "draft": frozenset({"form"}),
    "event": frozenset({"source"}),
    "feedback": frozenset({"text"}),
    "lesson": frozenset({"text"}),
    "member": frozenset({"title", "keywords", "bio", "publications", "languages"}),
    "note": frozenset({"text"}),
    "offer": frozenset({"note"}),
    "organisation": frozenset(
        {"name", "terms", "terms_en", "coordinator_title", "coordinator_title_en", "quiet_periods"}
    ),
    "person": frozenset({"name", "email"}),
    "unit": frozenset({"name"}),
    "university": frozenset({"name"}),
    "workspace": frozenset({"name"}),
}
"""Every column that holds what a person wrote."""

OURS: dict[str, frozenset[str]] = {
    "area": frozenset({"code"}),
    "case": frozenset({"standby", "wishes", "topics"}),
    "case_word": frozenset({"word"}),
    "digest": frozenset({"why"}),
    "district": frozenset({"sort_key"}),
    "event": frozenset({"data"}),
    "glossary": frozenset({"text"}),
    "identity": frozenset({"platform", "team", "user"}),
    "job": frozenset({"name", "key", "data", "why", "request"}),
    "lane": frozenset({"surface", "receiver", "address"}),
    "organisation": frozenset({"zone", "language", "feedback_months"}),
    "person": frozenset({"language", "sort_key"}),
    "posted": frozenset({"surface", "key", "channel", "ts"}),
    "seen_event": frozenset({"id"}),
    "spent_key": frozenset({"key"}),
    "throttle": frozenset({"account"}),
    "unit": frozenset({"sort_key"}),
    "university": frozenset({"sort_key"}),
    "workspace": frozenset({"platform", "team", "coordinators_channel", "forum_channel"}),
}
"""Every other column of text: what the bot or the platform put there."""

LONGEST = 12_000
"""Of the texts without a length of their own: an answer's."""

KNOWN = "hemlöshet boendestöd"
"""What the question is about and members know, so that somebody is suggested whatever else they wrote."""


def text_columns() -> dict[str, frozenset[str]]:
    """Every column of the schema that can hold a text, by table."""
    found = {
        table.name: frozenset(column.name for column in table.columns if _is_text(column))
        for table in Base.metadata.sorted_tables
    }
    return {name: columns for name, columns in found.items() if columns}


def rewrite(session: Session, texts: Sequence[str], language: str) -> None:
    """Put these texts in turn wherever a person wrote; everybody reads this language from now on."""
    turn = 0
    for table in Base.metadata.sorted_tables:
        for row_id in session.scalars(select(table.c.id)) if table.name in WRITTEN else ():
            values = {}
            for name in sorted(WRITTEN[table.name] - {"form"}):
                values[name] = _instead(table, name, row_id, texts[turn % len(texts)])
                turn += 1
            if values:
                session.execute(update(table).where(table.c.id == row_id).values(values))
    for draft in session.scalars(select(Draft)):
        text = texts[draft.id % len(texts)]
        written = {"title": f"Utkast {text}"[:150], "question": f"{KNOWN} {text}"[:3000], "source": text[:200]}
        draft.form = {**draft.form, **written}
    session.execute(update(Member).values(version=Member.version + 1))
    session.execute(update(Person).values(language=language))
    session.execute(update(Organisation).values(language=language))


def _is_text(column: Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind, JSON) or (isinstance(kind, String) and not isinstance(kind, Enum))


def _instead(table: Table, name: str, row_id: int, text: str) -> Any:
    """The text as this column can hold it; names that must differ end in their row's number."""
    match table.name, name:
        case "answer", "links":
            return [_address(text)]
        case "case_link", "url":
            return _address(text)
        case "case", "question":
            return f"{KNOWN} {text}"[:LONGEST]
        case "member", "keywords":
            return [KNOWN, text[:80], *text.split()[:38]]
        case "member", "publications":
            return [text[:1000]] * 3
        case "member", "languages":
            return ["sv", text[:8] or "en"]
        case "organisation", "quiet_periods":
            return [{"name": {"sv": f"x{text}"[:60], "en": f"x{text}"[:60]}, "from": "12-24", "to": "01-06"}]
        case "person", "email":
            return f"{text[:200]}{row_id}@example.org"
    length = getattr(table.c[name].type, "length", None) or LONGEST
    if any(name in {column.name for column in each.columns} for each in table.constraints if hasattr(each, "columns")):
        return f"{text[: length - 8]} {row_id}"
    return text[:length]


def _address(text: str) -> str:
    """A web address with the text in it, as the form lets it through."""
    try:
        return Linking(url=f"https://example.org/{text[:200]}").url
    except ValidationError:
        return "https://example.org/"
