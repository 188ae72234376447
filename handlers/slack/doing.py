"""Doing an act oneself: each act's button, the view with its fields, and the act; what may be done now and by whom.

The fields and forms are the ones by which a coordinator records the same act for somebody else.
"""

from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy import select

from bot import answers, cases, filing, registration
from bot.casefile import CaseSeen
from bot.refusals import TooLate
from bot.services import Services
from bot.wording import Words
from handlers.slack import blocks, forms, question
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block, Choice
from handlers.slack.facts import today
from handlers.slack.ids import Action, View
from handlers.slack.markup import quote, speak
from handlers.slack.opening import allowed, carried, kept, named, open_view
from handlers.slack.recordings import MONTHS, RECORDINGS, Filling, Recorded
from models.case import Feedback, NoteKind
from models.forms import Button, Diary
from models.life import ACTS, Act, Part, Status
from models.organisation import Organisation

ACTIONS: dict[Act, Action] = {
    Act.ANSWER: Action.ANSWER,
    Act.COMPLETE: Action.COMPLETE,
    Act.EDIT: Action.EDIT,
    Act.CONFIRM: Action.CONFIRM_UNIT,
    Act.APPROVE: Action.APPROVE,
    Act.FEEDBACK: Action.FEEDBACK,
    Act.NOTE: Action.NOTE,
    Act.COMMENT: Action.COMMENT,
    Act.LINK: Action.LINK,
    Act.DIARY: Action.DIARY,
    Act.LESSON: Action.LESSON,
    Act.CLOSE: Action.CLOSE,
    Act.RESUME: Action.RESUME,
    Act.REOPEN: Action.REOPEN,
    Act.PAUSE: Action.PAUSE,
    Act.WITHDRAW: Action.WITHDRAW,
}
"""The acts that the case's view offers, in that order, with their buttons."""

AT_ONCE = frozenset({Act.RESUME, Act.WITHDRAW, Act.REOPEN, Act.CONFIRM})
"""Acts without a form: the button does it, after a question where it weighs."""

BEFORE_A_YES = frozenset({Status.SUBMITTED, Status.CLARIFYING, Status.OFFERED})
"""Until a member has said yes there is nothing to close: the one who asks withdraws."""

WEIGHTY = frozenset({Act.WITHDRAW, Act.REOPEN})
FIRST = frozenset({Act.ANSWER, Act.COMPLETE, Act.APPROVE, Act.CONFIRM})
"""Acts that somebody waits for: their buttons stand out."""


@dataclass(frozen=True, slots=True)
class Given:
    """What has been given of a case already, as far as it decides what is left to do."""

    feedback: frozenset[int]


def may_do(case: CaseSeen, parts: frozenset[Part], unit_id: int | None, given: Given) -> list[Act]:
    """The acts that somebody with these parts may do now, as the table of acts says and as far as there is a reason to.

    `unit_id` is the unit that the person asks for.
    """
    unconfirmed = {unit.id for unit in case.units if not unit.responsible and not unit.confirmed}
    reasons = {
        Act.COMMENT: bool(case.answers),
        Act.APPROVE: case.lesson is not None and not case.lesson.approved,
        Act.FEEDBACK: 0 not in given.feedback,
        Act.CLOSE: Part.COORDINATOR in parts or case.status not in BEFORE_A_YES,
        Act.CONFIRM: unit_id in unconfirmed or (Part.COORDINATOR in parts and bool(unconfirmed)),
    }
    return [
        act for act in ACTIONS if parts & ACTS[act].by and case.status in ACTS[act].within and reasons.get(act, True)
    ]


def button(words: Words, case: CaseSeen, act: Act) -> Block:
    """The button that does the act, or opens its view."""
    carried_along = Button(act=act, case=case.id, months=0 if act is Act.FEEDBACK else None, version=case.version)
    sure = None
    if act in WEIGHTY:
        sure = blocks.confirm(
            words(f"doing.{act}"), words(f"doing.sure_{act}"), words(f"doing.{act}"), words("button.cancel")
        )
    style = "primary" if act in FIRST else None
    key = "doing.lesson_again" if act is Act.LESSON and case.lesson is not None else f"doing.{act}"
    return blocks.button(words(key), ACTIONS[act], carried_along, style=style, confirm=sure)


def view(services: Services, asker: Asker, chosen: Button, act: Act) -> Block:
    """The view in which the act's form is filled in. Refused as the act itself would be, before anything is written."""
    words = asker.words
    with services.database.reading() as session:
        case = allowed(session, asker.actor, chosen.case or 0, act)
        months = session.get_one(Organisation, case.organisation_id).feedback_months
        if act in {Act.EDIT, Act.COMPLETE}:
            shown = [*_asked_for(words, case), *question.fields(session, asker, question.typed_of(case))]
        elif act is Act.DIARY:
            shown = _diary_fields(words, case)
        else:
            shown = RECORDINGS[act].fields(Filling(words, case, tuple(months)))
    if act is Act.FEEDBACK:
        shown = [block for block in shown if block.get("block_id") not in _unasked(chosen.months or 0)]
    intro = speak(words, f"doing.intro_{act}", number=case.number, title=case.title)
    return blocks.modal(
        View.DOING,
        words(f"view.{act}"),
        [blocks.section(intro), *shown],
        submit=words("button.send" if act in {Act.ANSWER, Act.COMPLETE, Act.FEEDBACK} else "button.save"),
        close=words("button.cancel"),
        metadata=chosen.model_copy(update={"act": act, "case": case.id}),
    )


def register(app: App, services: Services) -> None:
    """Listen to every act's button, and to the view."""
    for act, action in ACTIONS.items():
        app.action(named(action))(_clicked(services, act))
    app.action(named(Action.NAME_YES))(_named(services, agrees=True))
    app.action(named(Action.NAME_NO))(_named(services, agrees=False))

    @app.view(View.DOING)
    @answered
    def filled_in(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        _carry_out(services, asker_of(context), kept(body), forms.typed(body["view"]))
        ack(response_action="clear")


def _clicked(services: Services, act: Act) -> Any:
    @answered
    def clicked(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker, chosen = asker_of(context), carried(body)
        if act not in AT_ONCE:
            open_view(client, body, view(services, asker, chosen, act))
            return
        number = _do_at_once(services, asker, chosen, act)
        if (body.get("view") or {}).get("type") == "modal":
            said = [blocks.section(speak(asker.words, f"doing.done_{act}", number=number))]
            done = blocks.modal(View.NOTICE, asker.words("view.done"), said, close=asker.words("button.close"))
            client.views_update(view_id=body["view"]["id"], view=done)

    return clicked


def _named(services: Services, *, agrees: bool) -> Any:
    @answered
    def name(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        with services.database.writing() as session:
            answers.name(session, asker.actor, carried(body).case or 0, agrees, services.clock.now())
        said = blocks.section(asker.words("doing.name_yes" if agrees else "doing.name_no"))
        open_view(
            client,
            body,
            blocks.modal(View.NOTICE, asker.words("view.done"), [said], close=asker.words("button.close")),
        )

    return name


def _do_at_once(services: Services, asker: Asker, chosen: Button, act: Act) -> int:
    """Do an act that has no form; returns the case's number."""
    at, case_id = services.clock.now(), chosen.case or 0
    with services.database.writing() as session:
        match act:
            case Act.RESUME:
                return cases.resume(session, asker.actor, case_id, at).number
            case Act.WITHDRAW:
                return cases.withdraw(session, asker.actor, case_id, at).number
            case Act.REOPEN:
                return cases.reopen(session, asker.actor, case_id, at).number
            case _:
                unit_id = chosen.unit or _unconfirmed(services, asker, case_id)
                return cases.confirm(session, asker.actor, case_id, unit_id, at).number


def _carry_out(services: Services, asker: Asker, chosen: Button, values: dict[str, Any]) -> None:
    act, at = chosen.act or Act.NOTE, services.clock.now()
    words = asker.words
    with services.database.reading() as session:
        case = allowed(session, asker.actor, chosen.case or 0, act)
        if act in {Act.EDIT, Act.COMPLETE}:
            before = question.typed_of(case)
            kept_on = {name: before[name] for name in filing.SECOND_STEP}
            request, _ = question.read(session, asker, {**kept_on, **values}, today(services, words))
    with services.database.writing() as session:
        match act:
            case Act.EDIT:
                cases.edit(session, asker.actor, case.id, request, at)
            case Act.COMPLETE:
                cases.complete(session, asker.actor, case.id, request, at)
            case Act.DIARY:
                cases.diary(session, asker.actor, case.id, forms.parse(Diary, values, words), at)
            case _:
                filling = Filling(words, case, ())
                form = RECORDINGS[act].read(filling, values)
                values = {MONTHS: str(chosen.months or 0)} | values
                recorded = Recorded(session, asker.actor, case, chosen.offer, values, at, chosen.answer)
                RECORDINGS[act].carry_out(recorded, form)


def given(services: Services, case_id: int) -> Given:
    """What has been given of the case."""
    with services.database.reading() as session:
        months = session.scalars(select(Feedback.months).where(Feedback.case_id == case_id))
        return Given(frozenset(months))


def _asked_for(words: Words, case: CaseSeen) -> list[Block]:
    """What the coordinator wants completed."""
    wanted = [note.text for note in case.notes if note.kind is NoteKind.CLARIFY]
    if case.status is not Status.CLARIFYING or not wanted:
        return []
    return [blocks.section(words("doing.asked_for")), blocks.section(quote(wanted[-1]))]


def _diary_fields(words: Words, case: CaseSeen) -> list[Block]:
    units = [Choice(str(unit.id), unit.label) for unit in case.units]
    dnr = case.unit.dnr if case.unit else ""
    return [
        blocks.field("unit_id", words("doing.unit"), blocks.radios(units, initial=units[0].value)),
        blocks.field("dnr", words("question.dnr"), blocks.text_input(initial=dnr, most=60), optional=True),
    ]


def _unasked(months: int) -> set[str]:
    """The fields that are not asked for: at closing two questions, later what came of it."""
    return {MONTHS} | ({"usable"} if months else set())


def _unconfirmed(services: Services, asker: Asker, case_id: int) -> int:
    """The unit that waits for this person's confirmation. Raises `TooLate` when none does."""
    with services.database.reading() as session:
        case = allowed(session, asker.actor, case_id, Act.CONFIRM)
        mine = registration.unit_of(session, asker.actor)
        waiting = [unit.id for unit in case.units if not unit.responsible and not unit.confirmed]
    found = [unit_id for unit_id in waiting if unit_id == mine] or waiting
    if not found:
        raise TooLate("unit_confirmed", number=case.number)
    return found[0]
