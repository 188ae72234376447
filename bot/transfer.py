"""Members out of a file and into a file. A file is imported whole or not at all, and twice is once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import districts, members, notices, organisations, sheets
from bot.registration import plain_email
from bot.sheets import Problem, Row, SheetRefused
from models.database import sort_key
from models.forms import Profile
from models.organisation import University, Workspace
from models.people import Identity, Member, Person

COLUMNS = (
    "name",
    "email",
    "title",
    "university",
    "keywords",
    "bio",
    "publications",
    "languages",
    "capacity",
    "slack_user_id",
)

_LISTS = ("keywords", "publications", "languages")

Outcome = Literal["added", "updated", "unchanged"]

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,59}")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in rows."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, outcomes: list[Outcome]) -> "Imported":
        """How many rows came out which way."""
        return cls(outcomes.count("added"), outcomes.count("updated"), outcomes.count("unchanged"))


def import_members(session: Session, organisation_id: int, content: bytes) -> Imported:
    """Add and update members from a CSV file with `COLUMNS`, of which only the name is needed; several values in one
    cell are separated by `|`.

    Who is there already is found by e-mail address or Slack user id, otherwise by exact name and university. A column
    that the file lacks is left as it is; an empty cell empties it, except for e-mail, languages, capacity and Slack id.
    Raises `SheetRefused` with everything that is wrong, before anything is written.
    """
    rows = sheets.read(content, COLUMNS, "name")
    registry = _Registry(session, organisation_id, rows)
    problems = [*_repeated(rows), *(problem for row in rows for problem in _wrong(row, registry))]
    if problems:
        raise SheetRefused(problems)
    outcomes = [_keep(session, registry, row, person) for row, person in registry.whose(rows)]
    session.flush()
    notices.homes(session, organisation_id)
    return Imported.of(outcomes)


def export_members(session: Session, organisation_id: int) -> bytes:
    """The organisation's members as a CSV file that `import_members` reads back."""
    rows = session.execute(
        select(Member, Person, University.name)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(University, University.id == Member.university_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
        .order_by(Person.sort_key, Member.id)
    ).all()
    workspace = organisations.workspace_of(session, organisation_id)
    accounts = dict(_accounts(session, workspace, people=[person.id for _, person, _ in rows]))
    return sheets.write(
        COLUMNS,
        (
            (
                person.name,
                person.email or "",
                member.title,
                university or "",
                sheets.one_cell(member.keywords),
                member.bio,
                sheets.one_cell(member.publications),
                sheets.one_cell(member.languages),
                str(member.capacity),
                accounts.get(person.id, ""),
            )
            for member, person, university in rows
        ),
    )


class _Registry:
    """Who is there before an import: persons by address, accounts in the workspace, members by name and university."""

    def __init__(self, session: Session, organisation_id: int, rows: list[Row]) -> None:
        self.organisation_id = organisation_id
        self.workspace = organisations.workspace_of(session, organisation_id)
        users = [row["slack_user_id"] for row in rows if row["slack_user_id"]]
        self.accounts = {user: person_id for person_id, user in _accounts(session, self.workspace, users=users)}
        self.members: dict[int, Member] = {}
        self._named: dict[tuple[str, str], list[int]] = {}
        query = (
            select(Member, Person, University.name)
            .join(Person, Person.id == Member.person_id)
            .outerjoin(University, University.id == Member.university_id)
            .where(Member.organisation_id == organisation_id)
            .order_by(Member.id)
        )
        self.people: dict[int, Person] = {}
        for member, person, university in session.execute(query):
            self.members[person.id] = member
            self.people[person.id] = person
            self._named.setdefault((person.name, sort_key(university or "")), []).append(person.id)
        addresses = [address for row in rows if (address := plain_email(row["email"]))]
        known = Person.email.in_(addresses) | Person.id.in_(self.accounts.values())
        self.people |= {person.id: person for person in session.scalars(select(Person).where(known))}
        self.addresses = {person.email: person.id for person in self.people.values() if person.email}
        self.reached = {person for person, _ in _accounts(session, self.workspace, people=list(self.people))}

    def by_address_or_account(self, row: Row) -> set[int]:
        """The persons that a row's address and account belong to."""
        found = {self.addresses.get(plain_email(row["email"]) or ""), self.accounts.get(row["slack_user_id"])}
        return {person_id for person_id in found if person_id is not None}

    def whose(self, rows: list[Row]) -> Iterator[tuple[Row, Person | None]]:
        """Each row with the person it is about, or None for somebody new. A namesake is only taken when no other row
        is about them for certain."""
        certain = [self.by_address_or_account(row) for row in rows]
        taken = set().union(*certain)
        for row, people in zip(rows, certain, strict=True):
            namesakes = self._named.get((_name(row), sort_key(row["university"])), [])
            free = (person_id for person_id in namesakes if person_id not in taken)
            person_id = min(people) if people else next(free, None)
            if person_id is None:
                yield row, None
            else:
                taken.add(person_id)
                yield row, self.people[person_id]


def _accounts(
    session: Session, workspace: Workspace | None, *, people: list[int] | None = None, users: list[str] | None = None
) -> list[tuple[int, str]]:
    """Active accounts in the workspace, of these people or with these user ids, as (person, user)."""
    if workspace is None:
        return []
    query = select(Identity.person_id, Identity.user).where(
        Identity.platform == workspace.platform, Identity.team == workspace.team, Identity.active
    )
    query = query.where(Identity.person_id.in_(people or []) | Identity.user.in_(users or []))
    return [(person_id, user) for person_id, user in session.execute(query.order_by(Identity.id))]


def _keep(session: Session, registry: _Registry, row: Row, person: Person | None) -> Outcome:
    address, user = plain_email(row["email"]), row["slack_user_id"]
    changed = False
    if person is None:
        person = members.make_person(session, _name(row), address)
    else:
        changed = person.name != _name(row) or (address is not None and person.email != address)
        person.name, person.sort_key = _name(row), sort_key(_name(row))
        person.email = address or person.email
    if user and user not in registry.accounts and registry.workspace is not None:
        place = registry.workspace
        session.add(Identity(person_id=person.id, platform=place.platform, team=place.team, user=user))
        changed = True
    earlier = registry.members.get(person.id)
    new = earlier is None or earlier.left_at is not None
    member = members.admit(session, registry.organisation_id, person.id)
    university_id = member.university_id
    if "university" in row.cells:
        name = row["university"]
        university_id = districts.make_university(session, registry.organisation_id, name).id if name else None
    form = Profile.model_validate(_profile(row) | {"university_id": university_id})
    kept = {column: getattr(member, column) for column in Profile.model_fields if column not in form.model_fields_set}
    changed = members.write(session, member, form.model_copy(update=kept)) or changed
    if new:
        return "added"
    return "updated" if changed else "unchanged"


def _profile(row: Row) -> dict[str, Any]:
    """What a row says of the profile; columns that the file lacks, and cells that mean no change, are left out."""
    said: dict[str, Any] = {column: row[column] for column in ("title", "bio") if column in row.cells}
    said |= {column: sheets.several(row[column]) for column in ("keywords", "publications") if column in row.cells}
    if row["languages"]:
        said["languages"] = _languages(row)
    if row["capacity"]:
        said["capacity"] = row["capacity"]
    return said


def _languages(row: Row) -> list[str]:
    return [value.casefold() for value in sheets.several(row["languages"].replace(",", "|").replace(";", "|"))]


def _name(row: Row) -> str:
    return " ".join(row["name"].split())


def _wrong(row: Row, registry: _Registry) -> Iterator[Problem]:
    """Everything that is wrong with one row."""
    user = row["slack_user_id"]
    if not 0 < len(_name(row)) <= 200:
        yield row.wrong("sheet_name")
    if row["email"] and (len(row["email"]) > 254 or not _EMAIL.fullmatch(row["email"])):
        yield row.wrong("sheet_email")
    if len(row["university"]) > 200:
        yield row.wrong("sheet_long", column="university", longest=200)
    if not all(_LANGUAGE.fullmatch(language) for language in _languages(row)):
        yield row.wrong("sheet_language")
    if user and not _SLACK_USER.fullmatch(user):
        yield row.wrong("sheet_slack_user")
    elif user and registry.workspace is None:
        yield row.wrong("sheet_no_workspace")
    people = registry.by_address_or_account(row)
    if len(people) > 1:
        yield row.wrong("sheet_two_people")
    elif user and user not in registry.accounts and people & registry.reached:
        yield row.wrong("sheet_other_account")
    try:
        Profile.model_validate(_profile(row))
    except ValidationError as error:
        yield from _wrong_fields(row, error)


def _wrong_fields(row: Row, error: ValidationError) -> Iterator[Problem]:
    for each in error.errors(include_url=False, include_input=False):
        column = str(each["loc"][0])
        longest = each.get("ctx", {}).get("max_length")
        if each["type"] == "personal_number":
            yield row.wrong("sheet_personal_number", column=column)
        elif longest is not None and column in _LISTS and len(each["loc"]) == 1:
            yield row.wrong("sheet_many", column=column, most=longest)
        elif longest is not None:
            yield row.wrong("sheet_long", column=column, longest=longest)
        else:
            yield row.wrong("sheet_capacity" if column == "capacity" else "sheet_value", column=column)


def _repeated(rows: list[Row]) -> Iterator[Problem]:
    """Rows about somebody whom an earlier row is about."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        address, user = plain_email(row["email"]), row["slack_user_id"]
        marks: list[tuple[str, ...]] = []
        marks += [("email", address)] if address else []
        marks += [("slack_user_id", user)] if user else []
        marks += [] if marks else [("name", _name(row), sort_key(row["university"]))]
        first = next((seen[mark] for mark in marks if mark in seen), None)
        if first is not None:
            yield row.wrong("sheet_repeated", first=first)
        for mark in marks:
            seen.setdefault(mark, row.line)
