"""Filing, step two: what was asked before, who might fit, what happens next; then it is sent, and the receipt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import cases, drafts, filing, pickers
from bot.actors import Actor
from bot.caselists import Line
from bot.grounds import reason_line
from bot.refusals import Invalid, NotFound
from bot.services import Services
from bot.suggestions import Suggested, Suggestee, similar
from bot.topics import Topic, chosen_topics
from bot.wording import Words
from handlers.slack import blocks, question, topics
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block, Choice
from handlers.slack.facts import today
from handlers.slack.forms import Mistakes, typed
from handlers.slack.ids import Action, View
from handlers.slack.markup import bold, cut, joined, lines, speak
from handlers.slack.opening import kept
from models.forms import Button, Question
from models.organisation import Choosing, Organisation

NOTHING = filing.Chosen()


def register(app: App, services: Services, change: Callable[..., Block]) -> None:
    """Send the request, rank again with the topics ticked, or go back to the form, which `change` makes."""

    @app.view(View.FILE_REVIEW)
    @answered
    def send(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        draft_id = kept(body).draft or 0
        chosen = typed(body["view"])
        try:
            case_id, number = file(services, asker, draft_id, chosen)
        except (Mistakes, Invalid) as wrong:
            if isinstance(wrong, Mistakes) and wrong.at.keys() <= filing.SECOND_STEP:
                raise
            said = wrong.at.values() if isinstance(wrong, Mistakes) else [wrong.sentence(asker.words)]
            with services.database.reading() as session:
                values = {**drafts.find(session, asker.actor, draft_id).form, **chosen}
                view = change(session, asker, values, draft_id, lines(said))
            ack(response_action="update", view=view)
            return
        ack(response_action="update", view=_receipt(services, asker, case_id, number))

    @app.action(Action.FILE_CHANGE)
    @answered
    def go_back(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        draft_id = kept(body).draft or 0
        with services.database.writing() as session:
            values = drafts.keep(session, asker.actor, draft_id, typed(body["view"]), services.clock.now()).form
        with services.database.reading() as session:
            view = change(session, asker, values, draft_id)
        client.views_update(view_id=body["view"]["id"], view=view)
        ack()

    @app.action(Action.FILE_RANK)
    @answered
    def rank_again(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        draft_id = kept(body).draft or 0
        with services.database.writing() as session:
            values = drafts.keep(session, asker.actor, draft_id, typed(body["view"]), services.clock.now()).form
        try:
            with services.database.reading() as session:
                form, spoken = question.read(session, asker, values, today(services, asker.words))
            again = view(services, asker, draft_id, form, spoken, filing.chosen(values))
        except Mistakes as wrong:
            with services.database.reading() as session:
                again = change(session, asker, values, draft_id, lines(wrong.at.values()))
        client.views_update(view_id=body["view"]["id"], view=again)
        ack()


def view(
    services: Services,
    asker: Asker,
    draft_id: int,
    form: Question,
    spoken: question.Spoken,
    chosen: filing.Chosen = NOTHING,
) -> Block:
    """The last step before the request is sent, with what has been chosen in it so far."""
    words = asker.words
    organisation_id = asker.actor.organisation_id
    text = f"{form.title}\n{form.question}"
    with services.database.reading() as session:
        organisation = session.get_one(Organisation, organisation_id)
        earlier = similar(session, organisation_id, text)
        suggested = services.suggester.for_text(
            session,
            organisation_id,
            text,
            today(services, words),
            requester_id=spoken.requester_id or asker.actor.person_id,
            unit_ids=[form.unit_id, *form.other_unit_ids],
            topics=chosen.topics,
        )
        ticked = chosen_topics(session, organisation_id, chosen.topics)
        wished = pickers.member_names(session, organisation_id, chosen.wished_member_ids)
        summary = _summary(session, asker, form, spoken)
        going_on = _next(session, services, asker, organisation)
    return blocks.modal(
        View.FILE_REVIEW,
        words("view.review"),
        [
            *summary,
            blocks.actions(blocks.button(words("button.change"), Action.FILE_CHANGE, Button(draft=draft_id))),
            blocks.divider(),
            *_earlier(words, earlier),
            *_suggested(words, suggested),
            *_about(words, suggested, ticked),
            *_wishes(words, suggested, organisation.choosing, wished),
            blocks.divider(),
            *going_on,
        ],
        submit=words("button.send"),
        close=words("button.close"),
        metadata=Button(draft=draft_id),
    )


def member_lines(words: Words, member: Suggestee) -> str:
    """A suggested member: name, title and university, and why they are suggested."""
    about = ", ".join(part for part in (member.title, member.university) if part)
    return lines([joined(" · ", [bold(member.name), about]), reason_line(words, member)])


def file(services: Services, asker: Asker, draft_id: int, chosen: dict[str, Any]) -> tuple[int, int]:
    """File the draft and return the case's id and number; the same draft once more is the same case."""
    with services.database.writing() as session:
        try:
            taken = drafts.take(session, asker.actor, draft_id)
        except NotFound:
            before = filing.filed_before(session, asker.actor, draft_id)
            if before is None:
                raise
            return before
        form, spoken = question.understood(asker, {**taken, **chosen}, today(services, asker.words))
        done = cases.file(session, _actor(asker, spoken), form, services.clock.now(), draft_id=draft_id)
    return done.case_id, done.number


def _actor(asker: Asker, spoken: question.Spoken) -> Actor:
    if spoken.requester_id is None or spoken.requester_id == asker.actor.person_id:
        return asker.actor
    return asker.actor.for_person(spoken.requester_id, spoken.source)


def _summary(session: Session, asker: Asker, form: Question, spoken: question.Spoken) -> list[Block]:
    words = asker.words
    unit = pickers.units_by_id(session, asker.actor.organisation_id, [form.unit_id])[form.unit_id]
    person = pickers.person(session, spoken.requester_id) if spoken.requester_id else None
    return [
        blocks.section(lines([bold(form.title), cut(form.question, 600)])),
        blocks.fields(
            [
                (words("consult.requester_short"), person.name if person else ""),
                (words("question.unit"), f"{unit.name}, {unit.heading(words)}"),
                (words("question.help"), question.capitalised(words(f"help.{form.help}"))),
                (words("question.kind"), question.capitalised(words(f"kind.{form.answer_kind}"))),
                (words("question.wanted_by"), words.date(form.wanted_by) if form.wanted_by else ""),
                (words("question.shown"), words("question.shown_yes" if form.shown else "question.shown_no")),
            ]
        ),
    ]


def _earlier(words: Words, earlier: Sequence[Line]) -> list[Block]:
    if not earlier:
        return [blocks.context(words("consult.no_similar"))]
    return [
        blocks.section(speak(words, "consult.similar")),
        *(
            blocks.section(
                lines(
                    [
                        joined(" ", [f"#{line.number}", bold(line.title)]),
                        joined(" · ", [_ended(words, line), line.unit, words.date(line.filed_at)]),
                    ]
                ),
                blocks.button(words("button.open"), Action.CASE_OPEN, Button(case=line.id)),
            )
            for line in earlier
        ),
        blocks.divider(),
    ]


def _ended(words: Words, line: Line) -> str:
    if line.has_lesson:
        return words("consult.with_lesson")
    return words(f"outcome.{line.outcome}") if line.outcome else words(f"status.{line.status}")


def _suggested(words: Words, suggested: Suggested) -> list[Block]:
    if not suggested.members:
        return [blocks.section(speak(words, "consult.nobody_fits"))]
    certain = "consult.fits" if suggested.confidence == "clear" else "consult.fits_weakly"
    return [
        blocks.section(speak(words, certain)),
        *(blocks.section(member_lines(words, each)) for each in suggested.members),
    ]


def _about(words: Words, suggested: Suggested, ticked: Sequence[Topic]) -> list[Block]:
    """What the question is about, to tick when the answer is not clear, and to untick afterwards."""
    asked = topics.field(words, suggested.choices, ticked)
    if not asked:
        return []
    return [*asked, blocks.actions(blocks.button(words("button.rank_again"), Action.FILE_RANK))]


def _wishes(words: Words, suggested: Suggested, choosing: Choosing, wished: Mapping[int, str]) -> list[Block]:
    """Whom the requester would like: those suggested, and whoever was wished for before they were ranked again."""
    names = {each.member_id: each.name for each in suggested.members} | dict(wished)
    if not names:
        return []
    choices = [Choice(str(member_id), name) for member_id, name in names.items()]
    return [
        blocks.field(
            "wished_member_ids",
            words(f"consult.wish_{choosing}"),
            blocks.checkboxes(choices, initial=[str(member_id) for member_id in wished]),
            optional=True,
            hint=words(f"consult.wish_hint_{choosing}"),
        )
    ]


def _next(session: Session, services: Services, asker: Asker, organisation: Organisation) -> list[Block]:
    """What happens when it is sent, and by when."""
    words = asker.words
    title = organisation.coordinator_title_en if words.language == "en" else organisation.coordinator_title
    day = filing.distributed_by(session, organisation.id, services.clock.now())
    return [
        blocks.section(speak(words, f"consult.next_{organisation.choosing}", title=title, day=words.day(day))),
        blocks.section(words.n("consult.next_member", organisation.offer_days)),
        blocks.context(words("consult.kept")),
    ]


def _receipt(services: Services, asker: Asker, case_id: int, number: int) -> Block:
    words = asker.words
    with services.database.reading() as session:
        organisation = session.get_one(Organisation, asker.actor.organisation_id)
        going_on = _next(session, services, asker, organisation)[:2]
    receipt = blocks.modal(
        View.NOTICE,
        words("view.filed"),
        [
            blocks.section(speak(words, "consult.filed", number=number)),
            *going_on,
            blocks.actions(blocks.button(words("button.open_case"), Action.CASE_OPEN, Button(case=case_id))),
        ],
        close=words("button.close"),
    )
    return receipt | {"clear_on_close": True}
