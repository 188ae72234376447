"""The requester's part of App Home: what waits for them, and their consultations."""

from bot import caselists, drafts
from bot import waiting as queue
from bot.actors import Actor
from bot.caselists import Line
from bot.wording import Words
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.ids import Action
from handlers.slack.lists import Kind, Turning, case_row
from handlers.slack.markup import bold, joined, speak, speak_n
from handlers.slack.rendering import Scene
from models.forms import Button

SHOWN = 4
"""How many lines of one kind App Home shows; the others stand in the list that its button opens."""

DRAFTS = 2


def waiting(scene: Scene, actor: Actor) -> list[Block]:
    """What waits for the requester: completions, drafts, lessons to approve, the questions after closing."""
    session, words = scene.session, scene.words
    to_complete = queue.to_complete(session, actor, SHOWN)
    lessons = queue.lessons_to_approve(session, actor, SHOWN)
    feedback = queue.feedback_wanted(session, actor, scene.services.clock.now(), SHOWN)
    shown = [
        *(_row(words, "complete", line, Action.COMPLETE, Button(case=line.id)) for line in to_complete),
        *(_row(words, "approve", line, Action.APPROVE, Button(case=line.id)) for line in lessons),
        *(_row(words, "feedback", line, Action.FEEDBACK, Button(case=line.id, months=0)) for line in feedback),
    ]
    for draft in drafts.waiting(session, actor)[:DRAFTS]:
        title = draft.form.get("title") or draft.form.get("question") or words("consult.draft_untitled")
        button = Button(draft=draft.id)
        shown += [
            blocks.section(
                speak(words, "home.draft", title=str(title)[:100], day=words.day(draft.changed_at)),
                blocks.button(words("button.go_on"), Action.DRAFT_OPEN, button),
            )
        ]
    return [blocks.header(words("home.waiting")), *shown] if shown else []


def section(scene: Scene, actor: Actor, *, asks: bool) -> list[Block]:
    """The person's own consultations, open ones first; nothing when there are none and they are not here to ask."""
    words = scene.words
    page = caselists.requested_by(scene.session, actor, size=SHOWN)
    if not page.total:
        none = [blocks.header(words("home.requested")), blocks.section(words("home.requested_none"))]
        return none if asks else []
    return [
        blocks.header(words("home.requested")),
        *(case_row(words, line) for line in page.lines),
        *more(words, page.total - len(page.lines), Turning(kind=Kind.MINE)),
    ]


def more(words: Words, count: int, list_of_all: Turning) -> list[Block]:
    """How many there are besides those shown, with the way to the whole list."""
    if count <= 0:
        return []
    return [blocks.section(speak_n(words, "home.more", count), all_of_it(words, list_of_all))]


def all_of_it(words: Words, list_of_all: Turning) -> Block:
    """The button to a whole list."""
    return blocks.button(words("home.all"), Action.PAGE, list_of_all)


def _row(words: Words, key: str, line: Line, action: Action, button: Button) -> Block:
    title = joined(" ", [f"#{line.number}", bold(line.title)])
    return blocks.section(
        speak(words, f"home.waits_{key}", title=title),
        blocks.button(words(f"home.do_{key}"), action, button, style="primary"),
    )
