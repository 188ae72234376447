"""A member's profile: what they know, how much they take on, when they are away, and to whom they are tied."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import authority, availability, members
from bot.refusals import NotAllowed
from bot.services import Services
from bot.wording import Words
from handlers.slack import blocks, portrait
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.consult import show
from handlers.slack.facts import today
from handlers.slack.forms import parse, typed
from handlers.slack.ids import Action, View
from handlers.slack.markup import bold, lines, speak
from handlers.slack.opening import carried, kept, named, open_view
from models.forms import Away, Button, Form, Profile
from models.people import Member

LISTED = 10
"""How many absences and ties are listed; each has a button to take it back."""


class Entry(Form):
    """An absence or a tie of a member, as the button that takes it back carries it."""

    member: int
    entry: int


class Tying(Form):
    """A tie that is declared: to a district or to a person."""

    district_id: int | None = None
    person_id: int | None = None


def register(app: App, services: Services) -> None:
    """Open the profile, change it, and everything in it that one click does."""
    _register_clicks(app, services)
    _register_entries(app, services)
    _register_views(app, services)


def profile_view(
    services: Services, asker: Asker, member_id: int | None = None, given: dict[str, Any] | None = None
) -> Block:
    """The asker's own profile to change; with `member_id` another member's, for coordinators. With what has been
    typed so far, `given`, it suggests keywords.

    Raises `NotAllowed` when the profile is not the asker's to change, `NotFound` when the member has left.
    """
    with services.database.reading() as session:
        own = members.own(session, asker.actor)
        chosen = member_id or own
        if chosen is None:
            return _no_member(asker.words)
        if chosen != own and not authority.coordinates(session, asker.actor.organisation_id, asker.actor.person_id):
            raise NotAllowed("member")
        profile = members.profile(session, asker.actor.organisation_id, chosen)
        suggesting = portrait.suggesting(asker.words, None)
        if given is not None:
            found = _keywords(session, services, asker, given)
            suggesting = portrait.suggesting(asker.words, found, given.get(portrait.SUGGESTED, ()))
        shown = [
            *_standing(session, services, asker.words, chosen),
            blocks.divider(),
            *portrait.profile_fields(session, asker.words, profile, suggesting),
        ]
        name = members.name_of(session, chosen)
    return blocks.modal(
        View.PROFILE,
        asker.words("view.profile"),
        [blocks.section(bold(name)), *shown],
        submit=asker.words("button.save"),
        close=asker.words("button.close"),
        metadata=Button(member=chosen),
    )


def _keywords(session: Session, services: Services, asker: Asker, given: dict[str, Any]) -> tuple[str, ...]:
    """What stands in a profile as it is typed and is no keyword yet; the title, which says least, comes last."""
    texts = [given.get("bio", ""), *given.get("publications", "").splitlines(), given.get("title", "")]
    keywords = given.get("keywords", "").splitlines()
    return services.suggester.keywords(session, asker.actor.organisation_id, keywords, texts)


def _standing(session: Session, services: Services, words: Words, member_id: int) -> list[Block]:
    member = session.get_one(Member, member_id)
    away = availability.absences(session, member_id, today(services, words))
    ties = members.ties(session, member_id)
    take_back = words("profile.take_back")
    return [
        blocks.section(portrait.standing(words, member)),
        blocks.actions(
            *portrait.pause_buttons(words, member),
            blocks.button(words("profile.tie"), Action.CONFLICT, Button(member=member_id)),
        ),
        *(
            blocks.section(
                speak(words, "profile.away_days", first=words.date(days.first_day), last=words.date(days.last_day)),
                blocks.button(take_back, f"{Action.BACK}:{key}", Entry(member=member_id, entry=key)),
            )
            for key, days in away[:LISTED]
        ),
        *(
            blocks.section(
                speak(words, "profile.tied", name=tie.name),
                blocks.button(take_back, f"{Action.CONFLICT_END}:{tie.id}", Entry(member=member_id, entry=tie.id)),
            )
            for tie in ties[:LISTED]
        ),
    ]


def _no_member(words: Words) -> Block:
    return blocks.modal(
        View.NOTICE, words("view.profile"), [blocks.section(words("profile.no_member"))], close=words("button.close")
    )


def _register_clicks(app: App, services: Services) -> None:
    def open_profile(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        view = profile_view(services, asker_of(context), _member_in(body))
        open_view(client, body, view)
        ack()

    for action in (Action.PROFILE, Action.MEMBER_OPEN):
        app.action(named(action))(answered(open_profile))

    @app.action(Action.KEYWORDS)
    @answered
    def suggest(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        view = profile_view(services, asker_of(context), kept(body).member, typed(body["view"]))
        client.views_update(view_id=body["view"]["id"], view=view)
        ack()

    @app.action(named(Action.PAUSE_ME))
    @answered
    def pause(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker, member_id = asker_of(context), carried(body).member or 0
        with services.database.writing() as session:
            availability.pause(session, asker.actor, member_id, services.clock.now())
        _after_click(services, client, asker, body, member_id)

    @app.action(named(Action.RESUME_ME))
    @answered
    def resume(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker, member_id = asker_of(context), carried(body).member or 0
        with services.database.writing() as session:
            availability.resume(session, asker.actor, member_id, services.clock.now())
        _after_click(services, client, asker, body, member_id)

    def opener(view: Callable[[Words, int], Block]) -> Callable[..., None]:
        def opens(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
            open_view(client, body, view(asker_of(context).words, carried(body).member or 0))
            ack()

        return opens

    app.action(named(Action.AWAY))(answered(opener(portrait.away_view)))
    app.action(named(Action.CONFLICT))(answered(opener(portrait.tie_view)))


def _register_entries(app: App, services: Services) -> None:
    @app.action(named(Action.BACK))
    @answered
    def back(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker, entry = asker_of(context), _entry(body)
        with services.database.writing() as session:
            availability.end_absence(session, asker.actor, entry.entry, services.clock.now())
        _after_click(services, client, asker, body, entry.member)

    @app.action(named(Action.CONFLICT_END))
    @answered
    def untied(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker, entry = asker_of(context), _entry(body)
        with services.database.writing() as session:
            members.remove_conflict(session, asker.actor, entry.entry)
        _after_click(services, client, asker, body, entry.member)


def _register_views(app: App, services: Services) -> None:
    @app.view(View.PROFILE)
    @answered
    def save(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = parse(Profile, _with_ticked(typed(body["view"])), asker.words)
        with services.database.writing() as session:
            members.update_profile(session, asker.actor, kept(body).member or 0, form)
        ack()

    @app.view(View.AWAY)
    @answered
    def away(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker, member_id = asker_of(context), kept(body).member or 0
        form = parse(Away, typed(body["view"]), asker.words)
        with services.database.writing() as session:
            availability.away(session, asker.actor, member_id, form, services.clock.now())
        ack()
        _after_view(services, client, asker, body, member_id)

    @app.view(View.CONFLICT)
    @answered
    def tied(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker, member_id = asker_of(context), kept(body).member or 0
        form = parse(Tying, typed(body["view"]), asker.words)
        with services.database.writing() as session:
            members.declare_conflict(
                session,
                asker.actor,
                member_id,
                services.clock.now(),
                district_id=form.district_id,
                person_id=form.person_id,
            )
        ack()
        _after_view(services, client, asker, body, member_id)


def _with_ticked(values: dict[str, Any]) -> dict[str, Any]:
    """The values of the profile, with the suggestions that were ticked among the keywords."""
    ticked = values.get(portrait.SUGGESTED, [])
    kept_on = {name: value for name, value in values.items() if name != portrait.SUGGESTED}
    return kept_on | {"keywords": "\n".join([values.get("keywords", ""), *ticked])}


def _after_click(services: Services, client: WebClient, asker: Asker, body: dict[str, Any], member_id: int) -> None:
    """Show what the click has changed: in the open profile; in a message it is said; App Home follows by itself."""
    view = body.get("view") or {}
    if view.get("callback_id") == View.PROFILE:
        given = typed(view)
        suggested = given if portrait.SUGGESTED in given else None
        client.views_update(view_id=view["id"], view=profile_view(services, asker, member_id, suggested))
    elif view.get("type") != "home":
        show(client, body, _said(services, asker, member_id))


def _after_view(services: Services, client: WebClient, asker: Asker, body: dict[str, Any], member_id: int) -> None:
    """Bring the profile that lies under the view just sent up to date."""
    if under := body["view"].get("previous_view_id"):
        client.views_update(view_id=under, view=profile_view(services, asker, member_id))


def _said(services: Services, asker: Asker, member_id: int) -> Block:
    words = asker.words
    with services.database.reading() as session:
        member = session.get_one(Member, member_id)
        said = lines([bold(members.name_of(session, member_id)), portrait.standing(words, member)])
    return blocks.modal(View.NOTICE, words("view.profile"), [blocks.section(said)], close=words("button.close"))


def _member_in(body: dict[str, Any]) -> int | None:
    value = body["actions"][0].get("value")
    return Button.model_validate_json(value).member if value else None


def _entry(body: dict[str, Any]) -> Entry:
    return Entry.model_validate_json(body["actions"][0]["value"])
