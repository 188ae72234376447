"""What people are told of what is said in a case: notes, answers and comments, and the lesson and feedback after."""

from sqlalchemy import select

from handlers.slack import blocks
from handlers.slack.blocks import Message
from handlers.slack.ids import Action
from handlers.slack.markup import web
from handlers.slack.rendering import Scene
from handlers.slack.told.notice import doer, note_of, notice, primary
from models.case import CaseLink, Feedback
from models.forms import Button
from models.life import Status


def progress(scene: Scene) -> Message:
    """A note on how it goes."""
    case = scene.case()
    return notice(scene, "note", case, name=doer(scene), quoted=note_of(scene, case))


def link(scene: Scene) -> Message | None:
    """A link that was added."""
    case = scene.case()
    added = scene.session.get(CaseLink, scene.event().data["link"])
    if added is None:
        return None
    return notice(scene, "link", case, name=doer(scene), extra=[web(added.url, added.title or added.url)])


def answer(scene: Scene) -> Message | None:
    """A member's answer, to the requester and in the case's room."""
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


def answered(scene: Scene) -> Message:
    """That there is an answer, for the coordinators."""
    case = scene.case()
    return notice(scene, "answered", case, name=doer(scene))


def comment(scene: Scene) -> Message | None:
    """What was said about an answer."""
    case = scene.case()
    event = scene.event()
    found = [comment for answer in case.answers for comment in answer.comments if comment.id == event.data["comment"]]
    return notice(scene, "comment", case, name=found[0].name, quoted=found[0].text) if found else None


def lesson(scene: Scene) -> Message | None:
    """The lesson for the requester to approve; None when they have."""
    case = scene.case()
    if case.lesson is None or case.lesson.approved:
        return None
    key = "lesson" if case.shown else "lesson_hidden"
    return notice(scene, key, case, quoted=case.lesson.text, buttons=[primary(scene, "approve", Action.APPROVE, case)])


def lesson_name(scene: Scene) -> Message | None:
    """The lesson for a member, who says whether they may be named with it; None when nobody else reads it."""
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


def feedback_given(scene: Scene) -> Message | None:
    """What the requester said of the advice, for the coordinators."""
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


def feedback_later(scene: Scene) -> Message | None:
    """Some months after closing: what came of it? None when that has been said."""
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
