"""Drafts: a form as far as it was filled in, kept before it is acknowledged, so that no form is ever lost."""

import datetime as dt
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from bot import jobs, timetable
from bot.actors import Actor
from bot.refusals import NotFound
from models.case import Draft
from models.database import plain
from models.organisation import Organisation

_TAKE = (
    delete(plain(Draft))
    .where(
        Draft.id == bindparam("the_draft"),
        Draft.organisation_id == bindparam("the_organisation"),
        Draft.person_id == bindparam("the_person"),
    )
    .returning(plain(Draft).c.form)
)


def begin(session: Session, actor: Actor, form: dict[str, Any], at: dt.datetime) -> int:
    """Keep a new draft of the acting person; it is offered again after some days, and deleted after `draft_days`."""
    draft = Draft(
        organisation_id=actor.organisation_id, person_id=actor.person_id, form=form, created_at=at, changed_at=at
    )
    session.add(draft)
    session.flush()
    organisation = session.get_one(Organisation, actor.organisation_id)
    _timer(session, draft, "draft.offer", timetable.calendar_of(organisation).add_working_days(at, 1))
    _timer(session, draft, "draft.delete", at + dt.timedelta(days=organisation.draft_days))
    return draft.id


def keep(session: Session, actor: Actor, draft_id: int, form: dict[str, Any], at: dt.datetime) -> Draft:
    """Keep what has been typed since. Raises `NotFound` when the draft was filed, deleted, or is another person's."""
    draft = find(session, actor, draft_id)
    draft.form = {**draft.form, **form}
    draft.changed_at = at
    return draft


def find(session: Session, actor: Actor, draft_id: int) -> Draft:
    """The acting person's draft. Raises `NotFound` when there is none."""
    draft = session.scalar(
        select(Draft).where(
            Draft.id == draft_id,
            Draft.organisation_id == actor.organisation_id,
            Draft.person_id == actor.person_id,
        )
    )
    if draft is None:
        raise NotFound("draft")
    return draft


def take(session: Session, actor: Actor, draft_id: int) -> dict[str, Any]:
    """Take the acting person's draft away to be filed, and return its form; without a commit it is there as before.

    Raises `NotFound` when there is none, also when another has just taken it: this waits until that one has ended.
    """
    form: dict[str, Any] | None = session.scalar(
        _TAKE, {"the_draft": draft_id, "the_organisation": actor.organisation_id, "the_person": actor.person_id}
    )
    if form is None:
        raise NotFound("draft")
    return form


def waiting(session: Session, actor: Actor) -> list[Draft]:
    """The acting person's drafts, the latest first."""
    query = (
        select(Draft)
        .where(Draft.organisation_id == actor.organisation_id, Draft.person_id == actor.person_id)
        .order_by(Draft.changed_at.desc(), Draft.id.desc())
        .limit(10)
    )
    return list(session.scalars(query))


def discard(session: Session, actor: Actor, draft_id: int) -> None:
    """Throw a draft away."""
    session.execute(delete(Draft).where(Draft.id == draft_id, Draft.person_id == actor.person_id))


def _timer(session: Session, draft: Draft, name: str, moment: dt.datetime) -> None:
    jobs.timer(
        session,
        organisation_id=draft.organisation_id,
        name=name,
        key=f"{name}:{draft.id}",
        due_at=moment,
        subject_id=draft.id,
    )
