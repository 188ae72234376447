"""What people are told: one message for each kind of notice, saying what happened, what happens next and by when.

A requester never reads who declined or why; that is for the coordinators.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from bot import timetable
from bot.casebook import CaseSeen, OfferSeen
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.facts import unanswered
from handlers.slack.ids import Action
from handlers.slack.markup import lines, quote, speak, web
from handlers.slack.rendering import Renderer, Scene
from models.case import CaseLink, CaseOutcome, Draft, Feedback
from models.forms import Button
from models.job import Job
from models.life import OfferStatus, Status
from models.organisation import Organisation, Unit
from models.people import Member, Person, Role, RoleKind

LOOKING = frozenset({Status.SUBMITTED, Status.OFFERED, Status.ACTIVE})
QUOTED = 2500


def notice(
    scene: Scene,
    key: str,
    case: CaseSeen,
    *,
    extra: Sequence[str] = (),
    quoted: str = "",
    buttons: Sequence[Block] = (),
    **values: object,
) -> Message:
    """One sentence of the catalogue with the case's number and title, what it quotes, and the buttons that fit."""
    words = scene.words
    values = {"number": case.number, "title": case.title, **values}
    shown = [blocks.section(lines([speak(words, f"told.{key}", **values), *extra]))]
    if quoted:
        shown.append(blocks.section(quote(quoted, QUOTED)))
    shown.append(blocks.actions(*buttons, _open(scene, case)))
    return blocks.message(words(f"told.{key}", **values), shown)


def _open(scene: Scene, case: CaseSeen) -> Block:
    return blocks.button(scene.words("button.open"), Action.CASE_OPEN, Button(case=case.id, version=case.version))


def _primary(scene: Scene, key: str, action: Action, case: CaseSeen, offer: OfferSeen | None = None) -> Block:
    carried = Button(case=case.id, offer=offer.id if offer else None, version=case.version)
    return blocks.button(scene.words(f"told.button_{key}"), action, carried, style="primary")


def _offer(scene: Scene, case: CaseSeen) -> OfferSeen:
    """The question that the notice is about."""
    subject = scene.delivery.subject_id
    return next(offer for offer in case.offers if offer.id == subject)


def _doer(scene: Scene) -> str:
    """Who did it, or for whom it was recorded."""
    event = scene.event()
    person_id = event.for_id or event.actor_id
    return scene.name(person_id) if person_id is not None else scene.words("told.nobody")


def _note(scene: Scene, case: CaseSeen) -> str:
    """The text of the note that the event left."""
    note_id = scene.event().data.get("note")
    return next((note.text for note in case.notes if note.id == note_id), "")


def _filed(scene: Scene) -> Message:
    case, words = scene.case(), scene.words
    organisation = scene.session.get_one(Organisation, case.organisation_id)
    by = timetable.due(scene.session, case.organisation_id, case.filed_at, organisation.triage_reminder_days)
    title = organisation.coordinator_title_en if words.language == "en" else organisation.coordinator_title
    return notice(scene, "filed", case, coordinator=title, day=words.day(by))


def _unit_named(scene: Scene) -> Message | None:
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


def _clarify(scene: Scene) -> Message | None:
    case = scene.case()
    if case.status is not Status.CLARIFYING:
        return None
    return notice(
        scene,
        "clarify",
        case,
        quoted=_note(scene, case),
        buttons=[_primary(scene, "complete", Action.COMPLETE, case)],
    )


def _clarify_reminder(scene: Scene) -> Message | None:
    case = scene.case()
    if case.status is not Status.CLARIFYING:
        return None
    return notice(scene, "clarify_reminder", case, buttons=[_primary(scene, "complete", Action.COMPLETE, case)])


def _asking(scene: Scene) -> Message | None:
    case = scene.case()
    offer = _offer(scene, case)
    if offer.status is not OfferStatus.PENDING:
        return None
    return notice(scene, "asking", case, day=scene.words.day(offer.due_at))


def _asking_on(scene: Scene) -> Message | None:
    case = scene.case()
    if case.status not in LOOKING or len(case.members) >= case.members_wanted:
        return None
    if case.pending:
        return notice(scene, "asking_next", case, day=scene.words.day(min(each.due_at for each in case.pending)))
    return notice(scene, "asking_on", case)


def _accepted(scene: Scene) -> Message:
    case, words = scene.case(), scene.words
    offer = _offer(scene, case)
    wanted = words("told.wanted_by", day=words.date(case.wanted_by)) if case.wanted_by else ""
    return notice(scene, "accepted", case, name=offer.name, extra=[wanted])


def _accepted_coordinator(scene: Scene) -> Message:
    case = scene.case()
    return notice(scene, "accepted_coordinator", case, name=_offer(scene, case).name)


def _declined(scene: Scene) -> Message:
    case, words = scene.case(), scene.words
    offer = _offer(scene, case)
    reason = words(f"decline.{offer.reason}") if offer.reason else ""
    return notice(scene, "declined", case, name=offer.name, reason=reason, extra=[_next(scene, case)])


def _expired(scene: Scene) -> Message:
    case = scene.case()
    return notice(scene, "expired", case, name=_offer(scene, case).name, extra=[_next(scene, case)])


def _next(scene: Scene, case: CaseSeen) -> str:
    """What follows when somebody said no: the next in turn has been asked, or it is for the coordinators to choose."""
    words = scene.words
    if case.pending:
        names = words.names(offer.name for offer in case.pending)
        return words("told.next_asked", names=names, day=words.day(min(each.due_at for each in case.pending)))
    return words("told.next_choose") if case.status is Status.SUBMITTED else ""


def _about_member(kind: str) -> Renderer:
    """The member's name and the case; nothing to answer."""

    def render(scene: Scene) -> Message:
        case = scene.case()
        return notice(scene, kind, case, name=_offer(scene, case).name)

    return render


def _query(scene: Scene) -> Message | None:
    case = scene.case()
    offer = _offer(scene, case)
    if not unanswered(case, offer):
        return None
    reply = _primary(scene, "reply", Action.REPLY, case, offer)
    return notice(scene, "query", case, name=offer.name, quoted=_note(scene, case), buttons=[reply])


def _reply(scene: Scene) -> Message:
    case, words = scene.case(), scene.words
    offer = _offer(scene, case)
    waiting = words("told.still_waiting", day=words.day(offer.due_at)) if offer.status is OfferStatus.PENDING else ""
    return notice(scene, "reply", case, name=_doer(scene), quoted=_note(scene, case), extra=[waiting])


def _progress(scene: Scene) -> Message:
    case = scene.case()
    return notice(scene, "note", case, name=_doer(scene), quoted=_note(scene, case))


def _link(scene: Scene) -> Message | None:
    case = scene.case()
    added = scene.session.get(CaseLink, scene.event().data["link"])
    if added is None:
        return None
    return notice(scene, "link", case, name=_doer(scene), extra=[web(added.url, added.title or added.url)])


def _answer(scene: Scene) -> Message | None:
    case = scene.case()
    given = next((each for each in case.answers if each.id == scene.event().data["answer"]), None)
    if given is None:
        return None
    key = "answer_room" if scene.reader is None else "answer"
    return notice(
        scene,
        key,
        case,
        name=given.name,
        quoted=given.text,
        extra=[web(url, url) for url in given.links],
        buttons=[
            blocks.button(scene.words("told.button_comment"), Action.COMMENT, Button(case=case.id, answer=given.id))
        ],
    )


def _answered(scene: Scene) -> Message:
    case = scene.case()
    return notice(scene, "answered", case, name=_doer(scene))


def _comment(scene: Scene) -> Message | None:
    case = scene.case()
    event = scene.event()
    found = [comment for answer in case.answers for comment in answer.comments if comment.id == event.data["comment"]]
    return notice(scene, "comment", case, name=found[0].name, quoted=found[0].text) if found else None


def _paused(scene: Scene) -> Message:
    case = scene.case()
    return notice(scene, "paused", case, name=_doer(scene), quoted=_note(scene, case))


def _by_doer(kind: str) -> Renderer:
    """Who did it, and the case."""

    def render(scene: Scene) -> Message:
        return notice(scene, kind, scene.case(), name=_doer(scene))

    return render


def _closed(scene: Scene) -> Message:
    """To everybody: the outcome. To the requester also the two questions, and whether a lesson waits."""
    case, words = scene.case(), scene.words
    outcome = words(f"outcome.{case.outcome or CaseOutcome.ANSWERED}")
    if scene.reader != case.requester_id:
        return notice(scene, "closed", case, name=_doer(scene), outcome=outcome)
    given = scene.session.scalar(select(Feedback.id).where(Feedback.case_id == case.id, Feedback.months == 0))
    waits = case.lesson is not None and not case.lesson.approved
    feedback = blocks.button(
        words("told.button_feedback"), Action.FEEDBACK, Button(case=case.id, months=0), style="primary"
    )
    return notice(
        scene,
        "closed",
        case,
        name=_doer(scene),
        outcome=outcome,
        extra=[words("told.closed_lesson") if waits else "", words("told.closed_feedback") if not given else ""],
        buttons=[feedback] if not given else [],
    )


def _lesson(scene: Scene) -> Message | None:
    case = scene.case()
    if case.lesson is None or case.lesson.approved:
        return None
    key = "lesson" if case.shown else "lesson_hidden"
    return notice(scene, key, case, quoted=case.lesson.text, buttons=[_primary(scene, "approve", Action.APPROVE, case)])


def _lesson_name(scene: Scene) -> Message | None:
    case, words = scene.case(), scene.words
    if case.lesson is None or not case.shown:
        return None
    carried = Button(case=case.id, version=case.version)
    return notice(
        scene,
        "lesson_name",
        case,
        quoted=case.lesson.text,
        buttons=[
            blocks.button(words("told.button_name_yes"), Action.NAME_YES, carried),
            blocks.button(words("told.button_name_no"), Action.NAME_NO, carried),
        ],
    )


def _feedback_given(scene: Scene) -> Message | None:
    case, words = scene.case(), scene.words
    months = int(scene.event().data["months"])
    given = scene.session.scalar(select(Feedback).where(Feedback.case_id == case.id, Feedback.months == months))
    if given is None:
        return None
    usable = words("told.usable", degree=words(f"degree.{given.usable}")) if given.usable else ""
    return notice(
        scene,
        "feedback",
        case,
        name=case.requester,
        extra=[words("told.helped", degree=words(f"degree.{given.helped}")), usable],
        quoted=given.text,
    )


def _feedback_later(scene: Scene) -> Message | None:
    case = scene.case()
    months = int(scene.delivery.data["months"])
    given = scene.session.scalar(select(Feedback.id).where(Feedback.case_id == case.id, Feedback.months == months))
    if case.status is not Status.CLOSED or given is not None:
        return None
    button = blocks.button(
        scene.words("told.button_feedback"), Action.FEEDBACK, Button(case=case.id, months=months), style="primary"
    )
    closed = scene.words.date(case.closed_at or case.changed_at)
    return notice(scene, "feedback_later", case, day=closed, buttons=[button])


def _offer_reminder(scene: Scene) -> Message | None:
    case, words = scene.case(), scene.words
    offer = _offer(scene, case)
    if offer.status is not OfferStatus.PENDING or case.status is Status.PAUSED:
        return None
    carried = Button(case=case.id, offer=offer.id, version=case.version)
    return notice(
        scene,
        "offer_reminder",
        case,
        name=case.requester,
        day=words.day(offer.due_at),
        buttons=[
            blocks.button(words("asked.accept"), Action.ACCEPT, carried, style="primary"),
            blocks.button(words("asked.decline"), Action.DECLINE, carried),
        ],
    )


def _undistributed(kind: str) -> Renderer:
    """While nobody has been asked: how long the case has waited."""

    def render(scene: Scene) -> Message | None:
        case = scene.case()
        if case.status is not Status.SUBMITTED:
            return None
        return notice(scene, kind, case, day=scene.words.day(case.filed_at))

    return render


def _draft_offer(scene: Scene) -> Message | None:
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


def _member_paused(scene: Scene) -> Message | None:
    words = scene.words
    member = scene.session.scalars(
        select(Member).where(Member.organisation_id == scene.delivery.organisation_id, Member.person_id == scene.reader)
    ).first()
    if member is None or member.paused_at is None:
        return None
    back = blocks.button(words("told.button_back"), Action.RESUME_ME, Button(member=member.id), style="primary")
    text = words("told.member_paused")
    return blocks.message(text, [blocks.section(text), blocks.actions(back)])


def _requester_new(scene: Scene) -> Message | None:
    words = scene.words
    role = scene.session.scalars(
        select(Role).where(
            Role.organisation_id == scene.delivery.organisation_id,
            Role.person_id == scene.delivery.subject_id,
            Role.kind == RoleKind.REQUESTER,
        )
    ).first()
    if role is None or role.confirmed_at is not None or role.unit_id is None:
        return None
    name = scene.session.get_one(Person, role.person_id).name
    unit = scene.session.get_one(Unit, role.unit_id).name
    confirm = blocks.button(
        words("told.button_confirm_requester"), Action.REQUESTER_CONFIRM, Button(person=role.person_id), style="primary"
    )
    said = speak(words, "told.requester_new", name=name, unit=unit)
    return blocks.message(
        words("told.requester_new", name=name, unit=unit), [blocks.section(said), blocks.actions(confirm)]
    )


def _parked(scene: Scene) -> Message | None:
    """Something that could not be delivered: whom it was for, and what it was about."""
    words = scene.words
    job = scene.session.get(Job, scene.delivery.subject_id)
    if job is None:
        return None
    text = words("told.parked", job=job.id, why=job.why or "–")
    shown = [blocks.section(speak(words, "told.parked", job=job.id, why=job.why or "–"))]
    if scene.delivery.case_id is not None:
        shown.append(blocks.actions(_open(scene, scene.case())))
    return blocks.message(text, shown)


RENDERERS: dict[str, Renderer] = {
    "filed": _filed,
    "unit_named": _unit_named,
    "clarify": _clarify,
    "clarify_reminder": _clarify_reminder,
    "completed": _by_doer("completed"),
    "asking": _asking,
    "asking_on": _asking_on,
    "accepted": _accepted,
    "accepted_coordinator": _accepted_coordinator,
    "declined": _declined,
    "expired": _expired,
    "retracted": _about_member("retracted"),
    "released": _about_member("released"),
    "released_coordinator": _about_member("released_coordinator"),
    "released_member": _about_member("released_member"),
    "query": _query,
    "reply": _reply,
    "note": _progress,
    "link": _link,
    "answer": _answer,
    "answered": _answered,
    "comment": _comment,
    "paused": _paused,
    "resumed": _by_doer("resumed"),
    "withdrawn": _by_doer("withdrawn"),
    "closed": _closed,
    "lesson": _lesson,
    "lesson_name": _lesson_name,
    "reopened": _by_doer("reopened"),
    "feedback": _feedback_given,
    "feedback_later": _feedback_later,
    "offer_reminder": _offer_reminder,
    "triage_reminder": _undistributed("triage_reminder"),
    "triage_deputy": _undistributed("triage_deputy"),
    "not_distributed": _undistributed("not_distributed"),
    "draft_offer": _draft_offer,
    "member_paused": _member_paused,
    "requester_new": _requester_new,
    "parked": _parked,
}
