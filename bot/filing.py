"""Filing in two steps: a draft that is kept at the first, and the case it becomes at the second."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import drafts, timetable
from bot.actors import Actor
from bot.refusals import NotFound
from models.case import Case, Event
from models.organisation import Organisation

SECOND_STEP = frozenset({"wished_member_ids", "topics"})
"""The fields that the first step does not show."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen in the second step: whom the requester would like to be asked, and what the question is about."""

    wished_member_ids: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()


def keep(session: Session, actor: Actor, draft_id: int | None, form: dict[str, Any], at: dt.datetime) -> int:
    """Keep what was typed as it now stands, in the draft or, when that is gone, in a new one. Returns its id.

    A field that is no longer filled in is kept as empty; the wishes and topics of the second step stay.
    """
    if draft_id is not None:
        try:
            earlier = drafts.find(session, actor, draft_id)
            emptied = dict.fromkeys(earlier.form.keys() - SECOND_STEP)
            return drafts.keep(session, actor, draft_id, {**emptied, **form}, at).id
        except NotFound:
            pass
    return drafts.begin(session, actor, form, at)


def chosen(form: Mapping[str, Any]) -> Chosen:
    """What has been chosen in the second step of a form so far."""
    wished = [int(member_id) for member_id in form.get("wished_member_ids") or ()]
    return Chosen(tuple(wished), tuple(form.get("topics") or ()))


def filed_before(session: Session, actor: Actor, draft_id: int) -> tuple[int, int] | None:
    """The id and number of the case that the acting person's draft has already become; None when it has not."""
    row = session.execute(
        select(Case.id, Case.number)
        .join(Event, (Event.case_id == Case.id) & (Event.seq == 1))
        .where(
            Case.draft_id == draft_id,
            Case.organisation_id == actor.organisation_id,
            Event.actor_id == actor.person_id,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def distributed_by(session: Session, organisation_id: int, at: dt.datetime) -> dt.datetime:
    """When a consultation filed at `at` has been distributed at the latest: when the deputies are reminded of it."""
    organisation = session.get_one(Organisation, organisation_id)
    return timetable.due(session, organisation_id, at, organisation.triage_deputy_days)
