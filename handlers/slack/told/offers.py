"""What people are told of questions to members: who is asked, who said yes, and what is asked in return.

A requester never reads who declined or why; that is for the coordinators.
"""

from bot.casefile import CaseSeen
from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.facts import ENDED, unanswered
from handlers.slack.ids import Action
from handlers.slack.rendering import Scene
from handlers.slack.told.notice import doer, note_of, notice, offer_of, primary
from models.forms import Button
from models.life import OfferStatus, Status

LOOKING = frozenset({Status.SUBMITTED, Status.OFFERED, Status.ACTIVE})


def asking(scene: Scene) -> Message | None:
    """That a member has been asked. When somebody is asked in turn after a no, `asking_on` says so."""
    case = scene.case()
    offer = offer_of(scene, case)
    if offer.status is not OfferStatus.PENDING or (scene.event().actor_id is None and _after_a_no(case)):
        return None
    return notice(scene, "asking", case, day=scene.words.day(offer.due_at))


def asking_on(scene: Scene) -> Message | None:
    """After a no: who is asked next, or that somebody is looked for; None when nobody more is needed."""
    case = scene.case()
    if case.status not in LOOKING or len(case.members) >= case.members_wanted:
        return None
    if case.pending:
        return notice(scene, "asking_next", case, day=scene.words.day(min(each.due_at for each in case.pending)))
    return notice(scene, "asking_on", case)


def accepted(scene: Scene) -> Message:
    """Who will advise, and the day the answer is wanted."""
    case, words = scene.case(), scene.words
    offer = offer_of(scene, case)
    wanted = words("told.wanted_by", day=words.date(case.wanted_by)) if case.wanted_by else ""
    return notice(scene, "accepted", case, name=offer.name, extra=[wanted])


def accepted_coordinator(scene: Scene) -> Message:
    """Who said yes, for the coordinators."""
    case = scene.case()
    return notice(scene, "accepted_coordinator", case, name=offer_of(scene, case).name)


def declined(scene: Scene) -> Message:
    """Who said no and why, for the coordinators, with what follows."""
    case, words = scene.case(), scene.words
    offer = offer_of(scene, case)
    reason = words(f"decline.{offer.reason}") if offer.reason else ""
    return notice(scene, "declined", case, name=offer.name, reason=reason, extra=[_next(scene, case)])


def expired(scene: Scene) -> Message:
    """Who did not answer in time, for the coordinators, with what follows."""
    case = scene.case()
    return notice(scene, "expired", case, name=offer_of(scene, case).name, extra=[_next(scene, case)])


def query(scene: Scene) -> Message | None:
    """What an asked member wants to know first; None when it has been answered."""
    case = scene.case()
    offer = offer_of(scene, case)
    if not unanswered(case, offer):
        return None
    button = primary(scene, "reply", Action.REPLY, case, offer)
    key = "query_plain" if scene.reader == case.requester_id else "query"
    return notice(scene, key, case, name=offer.name, quoted=note_of(scene, case), buttons=[button])


def reply(scene: Scene) -> Message:
    """The answer to what the member wanted to know, and until when the question waits."""
    case, words = scene.case(), scene.words
    offer = offer_of(scene, case)
    waiting = words("told.still_waiting", day=words.day(offer.due_at)) if offer.status is OfferStatus.PENDING else ""
    return notice(scene, "reply", case, name=doer(scene), quoted=note_of(scene, case), after=waiting)


def offer_reminder(scene: Scene) -> Message | None:
    """That a question still waits for the member; None when it no longer does."""
    case, words = scene.case(), scene.words
    offer = offer_of(scene, case)
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


def _after_a_no(case: CaseSeen) -> bool:
    """Whether the question that ended last ended without a yes."""
    ended = [each for each in case.offers if each.status in ENDED]
    last = max(ended, key=lambda each: each.decided_at or each.due_at, default=None)
    return last is not None and last.status in {OfferStatus.DECLINED, OfferStatus.EXPIRED}


def _next(scene: Scene, case: CaseSeen) -> str:
    """What follows when somebody said no: the next in turn has been asked, or it is for the coordinators to choose."""
    words = scene.words
    if case.pending:
        names = words.names(offer.name for offer in case.pending)
        return words("told.next_asked", names=names, day=words.day(min(each.due_at for each in case.pending)))
    return words("told.next_choose") if case.status is Status.SUBMITTED else ""
