"""What people are told of the life of a case: filed, completed, waiting, paused, closed; and of a draft left lying."""

import datetime as dt

from sqlalchemy import select

from bot import filing
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.ids import Action
from handlers.slack.markup import speak
from handlers.slack.rendering import Renderer, Scene
from handlers.slack.told.notice import doer, note_of, notice, primary
from models.case import CaseOutcome, Draft, Feedback
from models.forms import Button
from models.life import Status
from models.organisation import Organisation
from models.people import Role, RoleKind


def filed(scene: Scene) -> Message:
    """The receipt, with the day by which somebody is asked."""
    case, words = scene.case(), scene.words
    organisation = scene.session.get_one(Organisation, case.organisation_id)
    by = filing.distributed_by(scene.session, case.organisation_id, case.filed_at)
    title = organisation.coordinator_title_en if words.language == "en" else organisation.coordinator_title
    return notice(scene, "filed", case, coordinator=title, day=words.day(by))


def unit_named(scene: Scene) -> Message | None:
    """To those who ask for another unit of the case; None when theirs is not among those to confirm."""
    case = scene.case()
    mine = scene.session.scalar(
        select(Role.unit_id).where(
            Role.organisation_id == case.organisation_id,
            Role.person_id == scene.reader,
            Role.kind == RoleKind.REQUESTER,
        )
    )
    unit = next((unit for unit in case.units if unit.id == mine and not unit.confirmed), None)
    if unit is None:
        return None
    carried = Button(case=case.id, unit=unit.id, version=case.version)
    confirm = blocks.button(scene.words("told.button_confirm"), Action.CONFIRM_UNIT, carried, style="primary")
    return notice(scene, "unit_named", case, name=case.requester, unit=unit.label, buttons=[confirm])


def clarify(scene: Scene) -> Message | None:
    """What the coordinator wants to know; None when the case no longer waits for it."""
    case = scene.case()
    if case.status is not Status.CLARIFYING:
        return None
    return notice(
        scene,
        "clarify",
        case,
        quoted=note_of(scene, case),
        buttons=[primary(scene, "complete", Action.COMPLETE, case)],
    )


def clarify_reminder(scene: Scene) -> Message | None:
    """The same once more, when days have passed without it."""
    case = scene.case()
    if case.status is not Status.CLARIFYING:
        return None
    return notice(scene, "clarify_reminder", case, buttons=[primary(scene, "complete", Action.COMPLETE, case)])


REMINDERS = frozenset({"triage_reminder", "triage_deputy"})
"""What coordinators and deputies are told when a case waits to be distributed."""


def undistributed(kind: str) -> Renderer:
    """While nobody is asked: how long the case has waited, or that none of those who were asked could."""

    def render(scene: Scene) -> Message | None:
        case = scene.case()
        if case.status is not Status.SUBMITTED:
            return None
        key = f"{kind}_again" if case.offers and kind in REMINDERS else kind
        return notice(scene, key, case, day=scene.words.day(case.filed_at))

    return render


def paused(scene: Scene) -> Message:
    """Who paused the case, and why when they said."""
    case = scene.case()
    return notice(scene, "paused", case, name=doer(scene), quoted=note_of(scene, case))


def closed(scene: Scene) -> Message:
    """To everybody: the outcome. To a member who answered also thanks. To the requester also the two questions, and
    whether a lesson waits."""
    case, words = scene.case(), scene.words
    outcome = words(f"outcome.{case.outcome or CaseOutcome.ANSWERED}")
    if scene.reader != case.requester_id:
        advised = any(answer.person_id == scene.reader for answer in case.answers)
        thanks = words("told.closed_thanks") if advised else ""
        return notice(scene, "closed", case, name=doer(scene), outcome=outcome, extra=[thanks])
    given = scene.session.scalar(select(Feedback.id).where(Feedback.case_id == case.id, Feedback.months == 0))
    waits = case.lesson is not None and not case.lesson.approved
    feedback = blocks.button(
        words("told.button_feedback"), Action.FEEDBACK, Button(case=case.id, months=0), style="primary"
    )
    return notice(
        scene,
        "closed",
        case,
        name=doer(scene),
        outcome=outcome,
        extra=[words("told.closed_lesson") if waits else "", words("told.closed_feedback") if not given else ""],
        buttons=[feedback] if not given else [],
    )


def draft_offer(scene: Scene) -> Message | None:
    """That a draft waits, and the day it is cleared away."""
    words = scene.words
    draft = scene.session.get(Draft, scene.delivery.subject_id)
    if draft is None:
        return None
    organisation = scene.session.get_one(Organisation, draft.organisation_id)
    until = words.date(draft.changed_at + dt.timedelta(days=organisation.draft_days))
    title = str(draft.form.get("title") or words("told.untitled"))
    shown = [
        blocks.section(speak(words, "told.draft_offer", title=title, day=until)),
        blocks.actions(
            blocks.button(words("button.go_on"), Action.DRAFT_OPEN, Button(draft=draft.id), style="primary"),
            blocks.button(words("button.discard"), Action.DRAFT_DISCARD, Button(draft=draft.id)),
        ),
    ]
    return blocks.message(words("told.draft_offer", title=title, day=until), shown)
