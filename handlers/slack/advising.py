"""The member's part of App Home: questions that wait for an answer, their consultations, their profile."""

from bot import availability, caselists
from bot.actors import Actor
from bot.wording import Words
from handlers.slack import blocks, portrait
from handlers.slack.blocks import Block
from handlers.slack.facts import today
from handlers.slack.ids import Action
from handlers.slack.lists import Kind, Turning, case_row
from handlers.slack.markup import bold, joined, lines, speak
from handlers.slack.rendering import Scene
from handlers.slack.requesting import SHOWN, more
from models.forms import Button
from models.people import Member


def waiting(scene: Scene, actor: Actor) -> list[Block]:
    """The questions that wait for the member, the one due first first, with what can be answered."""
    session, words = scene.session, scene.words
    questions = caselists.questions_to(session, actor)
    if not questions:
        return []
    cases = {line.id: line for line in caselists.lines_of(session, [case_id for _, case_id in questions[:SHOWN]])}
    shown = [blocks.header(words("home.questions"))]
    for offer_id, case_id in questions[:SHOWN]:
        line, button = cases[case_id], Button(case=case_id, offer=offer_id)
        due = words("home.answer_by", day=words.day(line.waits_for)) if line.waits_for else ""
        about = lines([joined(" ", [f"#{line.number}", bold(line.title)]), joined(" · ", [line.unit, due])])
        shown += [
            blocks.section(about, blocks.button(words("button.open"), Action.CASE_OPEN, Button(case=case_id))),
            blocks.actions(
                blocks.button(words("asked.accept"), Action.ACCEPT, button, style="primary"),
                blocks.button(words("asked.decline"), Action.DECLINE, button),
                blocks.button(words("asked.query"), Action.QUERY, button),
            ),
        ]
    return [*shown, *more(words, len(questions) - SHOWN, Turning(kind=Kind.MINE))]


def section(scene: Scene, actor: Actor, member: Member) -> list[Block]:
    """What the member advises in, and how they want to be asked."""
    words = scene.words
    page = caselists.advised_by(scene.session, actor, size=SHOWN)
    cases = [case_row(words, line) for line in page.lines] or [blocks.section(words("home.advised_none"))]
    return [
        blocks.header(words("home.advised")),
        *cases,
        *more(words, page.total - len(page.lines), Turning(kind=Kind.MINE)),
        blocks.header(words("home.profile")),
        blocks.section(_profile(scene, words, member)),
        blocks.actions(
            *portrait.pause_buttons(words, member),
            blocks.button(words("home.change_profile"), Action.PROFILE, Button(member=member.id), style=_urge(member)),
        ),
    ]


def _profile(scene: Scene, words: Words, member: Member) -> str:
    away = availability.absences(scene.session, member.id, today(scene.services, words))
    languages = [words(f"language.{code}") if code in portrait.LANGUAGES else code for code in member.languages]
    known = ", ".join(member.keywords[:12])
    return lines(
        [
            bold(portrait.standing(words, member)),
            *(
                speak(words, "profile.away_days", first=words.date(each.first_day), last=words.date(each.last_day))
                for _, each in away[:3]
            ),
            speak(words, "home.keywords", keywords=known) if known else words("home.keywords_none"),
            speak(words, "home.languages", languages=words.names(languages)),
            words.n("home.capacity", member.capacity),
        ]
    )


def _urge(member: Member) -> str | None:
    """A profile without a keyword is never found: then its button stands out."""
    return None if member.keywords else "primary"
