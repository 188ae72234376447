"""A case from filing to the last feedback: the acts that are not about a question to a member."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, insert, select, update
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session

from bot import jobs, notes, offers, search, timetable
from bot.actors import Actor
from bot.authority import authorise, authorise_filing
from bot.events import Done, done, locked, record
from bot.refusals import Invalid, NotFound
from models.case import Case, CaseLink, CaseUnit, NoteKind
from models.database import plain
from models.forms import Clarification, Diary, Linking, Question, Writing
from models.life import Act, Status
from models.organisation import Area, Choosing, Organisation, Unit

_COUNT_ON = (
    update(Organisation)
    .where(Organisation.id == bindparam("the_organisation"))
    .values(last_number=Organisation.last_number + 1)
    .returning(Organisation)
    .execution_options(populate_existing=True, synchronize_session=False)
)
"""The organisation with the next number. Who files next waits until this one is saved: no number is left out."""

_NAME_UNITS = (
    insert(plain(CaseUnit))
    .from_select(
        ["organisation_id", "case_id", "unit_id", "responsible", "dnr"],
        select(
            Unit.organisation_id,
            bindparam("the_case", type_=Integer),
            Unit.id,
            Unit.id == bindparam("the_responsible"),
            case_when((Unit.id == bindparam("the_responsible"), bindparam("the_dnr")), else_=""),
        )
        .where(
            Unit.organisation_id == bindparam("the_organisation"),
            Unit.id.in_(bindparam("the_units", expanding=True)),
            Unit.ended_on.is_(None),
        )
        .order_by(Unit.id),
    )
    .returning(plain(CaseUnit).c.unit_id)
)
"""Names those of the units that are there."""


def file(session: Session, actor: Actor, form: Question, at: dt.datetime, *, draft_id: int | None = None) -> Done:
    """File a consultation (R22), from a draft that has been taken when `draft_id` is given.

    Raises `NotAllowed` for somebody who is nothing to the organisation, `Invalid` for a unit or area that is not there.
    """
    requester_id = authorise_filing(session, actor)
    organisation = session.scalars(_COUNT_ON, {"the_organisation": actor.organisation_id}).one()
    case = Case(
        organisation_id=actor.organisation_id,
        number=organisation.last_number,
        draft_id=draft_id,
        status=Status.SUBMITTED,
        requester_id=requester_id,
        filed_at=at,
        changed_at=at,
        version=1,
        **_columns(session, actor, form),
    )
    session.add(case)
    session.flush()
    _set_units(session, case, form, before=())
    for url in form.links:
        _add_link(session, case, actor, url, "", at)
    search.add(session, case)
    with jobs.together(session):
        timetable.triage_dates(session, case, at)
        event = record(session, case, actor, Act.FILE, at)
        _distribute_unasked(session, organisation, case, at)
    return done(case, event)


def edit(session: Session, actor: Actor, case_id: int, form: Question, at: dt.datetime) -> Done:
    """Change the request while it is submitted or waits for completion."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.EDIT)
    _rewrite(session, case, actor, form, at)
    return done(case, record(session, case, actor, Act.EDIT, at))


def clarify(session: Session, actor: Actor, case_id: int, form: Clarification, at: dt.datetime) -> Done:
    """Send an unclear request back for completion instead of rejecting it; questions already put are drawn back."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.CLARIFY)
    note = notes.write(session, case, actor, NoteKind.CLARIFY, form.text, at)
    case.standby = []
    event = record(session, case, actor, Act.CLARIFY, at, note=note.id)
    offers.retract_pending(session, case, at)
    timetable.clarify_dates(session, case, at)
    return done(case, event)


def complete(session: Session, actor: Actor, case_id: int, form: Question, at: dt.datetime) -> Done:
    """Send the completed request in again."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.COMPLETE)
    _rewrite(session, case, actor, form, at)
    event = record(session, case, actor, Act.COMPLETE, at)
    timetable.triage_dates(session, case, at)
    _distribute_unasked(session, session.get_one(Organisation, case.organisation_id), case, at)
    return done(case, event)


def take(session: Session, actor: Actor, case_id: int, at: dt.datetime) -> Done:
    """Take responsibility for the case, as one of the coordinators."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.TAKE)
    case.coordinator_id = actor.stands_for
    return done(case, record(session, case, actor, Act.TAKE, at))


def link(session: Session, actor: Actor, case_id: int, form: Linking, at: dt.datetime) -> Done:
    """Add a link: files stay where the city keeps them."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.LINK)
    added = _add_link(session, case, actor, form.url, form.title, at)
    return done(case, record(session, case, actor, Act.LINK, at, link=added.id))


def diary(session: Session, actor: Actor, case_id: int, form: Diary, at: dt.datetime) -> Done:
    """Set the diary number (dnr) of one unit's board. Raises `NotFound` when the unit is not in the case."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.DIARY)
    unit = _unit_in(session, case, form.unit_id)
    unit.dnr = form.dnr
    return done(case, record(session, case, actor, Act.DIARY, at, unit=form.unit_id))


def confirm(session: Session, actor: Actor, case_id: int, unit_id: int, at: dt.datetime) -> Done:
    """Confirm that another unit takes part in the case. Raises `NotFound` when the unit is not in the case."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.CONFIRM)
    _unit_in(session, case, unit_id).confirmed_at = at
    return done(case, record(session, case, actor, Act.CONFIRM, at, unit=unit_id))


def pause(session: Session, actor: Actor, case_id: int, form: Writing | None, at: dt.datetime) -> Done:
    """Pause the case: nobody is reminded and nothing falls due until it is resumed."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.PAUSE)
    written = notes.write(session, case, actor, NoteKind.PAUSE, form.text, at) if form else None
    return done(case, record(session, case, actor, Act.PAUSE, at, note=written.id if written else None))


def resume(session: Session, actor: Actor, case_id: int, at: dt.datetime) -> Done:
    """Take the case up again where its questions stand; their days are counted afresh."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.RESUME)
    offers.restart_dates(session, case, at)
    event = record(session, case, actor, Act.RESUME, at)
    if case.status is Status.SUBMITTED:
        timetable.triage_dates(session, case, at)
    return done(case, event)


def withdraw(session: Session, actor: Actor, case_id: int, at: dt.datetime) -> Done:
    """Withdraw the request (dra tillbaka); questions that wait for an answer are drawn back."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.WITHDRAW)
    case.standby = []
    event = record(session, case, actor, Act.WITHDRAW, at)
    offers.retract_pending(session, case, at)
    return done(case, event)


def reopen(session: Session, actor: Actor, case_id: int, at: dt.datetime) -> Done:
    """Open a closed or withdrawn case again; it returns to what its questions say."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.REOPEN)
    case.closed_at = case.outcome = None
    event = record(session, case, actor, Act.REOPEN, at)
    if case.status is Status.SUBMITTED:
        timetable.triage_dates(session, case, at)
    return done(case, event)


def _columns(session: Session, actor: Actor, form: Question) -> dict[str, Any]:
    if form.area_id is not None:
        area = session.get(Area, form.area_id)
        if area is None or area.organisation_id != actor.organisation_id:
            raise Invalid("area_unknown", field="area_id")
    return form.model_dump(
        include={
            "title",
            "question",
            "area_id",
            "help",
            "answer_kind",
            "phase",
            "wanted_by",
            "shown",
            "members_wanted",
        }
    ) | {"wishes": form.wished_member_ids, "topics": form.topics}


def _rewrite(session: Session, case: Case, actor: Actor, form: Question, at: dt.datetime) -> None:
    for column, value in _columns(session, actor, form).items():
        setattr(case, column, value)
    _set_units(session, case, form, session.scalars(select(CaseUnit).where(CaseUnit.case_id == case.id)).all())
    known = set(session.scalars(select(CaseLink.url).where(CaseLink.case_id == case.id)))
    for url in form.links:
        if url not in known:
            _add_link(session, case, actor, url, "", at)
    search.index(session, case)


def _set_units(session: Session, case: Case, form: Question, before: Sequence[CaseUnit]) -> None:
    """The responsible unit and the others; units that are no longer named leave, with no trace but the events."""
    wanted = {form.unit_id, *form.other_unit_ids}
    for row in before:
        row.responsible = row.unit_id == form.unit_id
        if row.responsible:
            row.dnr = form.dnr
        if row.unit_id not in wanted:
            session.delete(row)
    if new := wanted.difference(row.unit_id for row in before):
        named = {"the_organisation": case.organisation_id, "the_case": case.id, "the_units": list(new)}
        about = {"the_responsible": form.unit_id, "the_dnr": form.dnr}
        if missing := new.difference(session.scalars(_NAME_UNITS, named | about)):
            raise Invalid("unit_unknown", field="unit_id" if form.unit_id in missing else "other_unit_ids")


def _add_link(session: Session, case: Case, actor: Actor, url: str, title: str, at: dt.datetime) -> CaseLink:
    added = CaseLink(
        organisation_id=case.organisation_id,
        case_id=case.id,
        person_id=actor.stands_for,
        url=url,
        title=title,
        added_at=at,
    )
    session.add(added)
    session.flush()
    return added


def _unit_in(session: Session, case: Case, unit_id: int) -> CaseUnit:
    row = session.scalar(select(CaseUnit).where(CaseUnit.case_id == case.id, CaseUnit.unit_id == unit_id))
    if row is None:
        raise NotFound("unit")
    return row


def _distribute_unasked(session: Session, organisation: Organisation, case: Case, at: dt.datetime) -> None:
    """Ask without waiting for a coordinator where the organisation has chosen so."""
    if organisation.choosing is Choosing.REQUESTER and case.wishes:
        case.standby = list(case.wishes)
        timetable.distribution_now(session, case, at)
    elif organisation.choosing is Choosing.AUTOMATIC and case.shown:
        timetable.distribution_now(session, case, at)
