"""Adding districts, units and members, one at a time."""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import districts, members, organisations, waiting
from bot.services import Services
from bot.wording import Words
from handlers.slack import blocks, portrait
from handlers.slack.asker import Asker, answered, asker_of, identify
from handlers.slack.blocks import Block
from handlers.slack.consult import show
from handlers.slack.forms import parse, typed
from handlers.slack.ids import Action, View
from handlers.slack.markup import speak
from models.forms import Profile
from models.setup_form import NewMember, NewUnit

LOOKED_UP = 40
"""How many addresses are looked up at a click: Slack allows about fifty a minute."""


def register(app: App, services: Services) -> None:
    """Open the forms, and add what was filled in."""
    _register_units(app, services)
    _register_members(app, services)
    _register_finding(app, services)


def done(words: Words, title: str, said: str, again: Action) -> Block:
    """What was done, with the button for the next one; the form comes back empty."""
    return blocks.modal(
        View.NOTICE,
        words(title),
        [blocks.section(said), blocks.actions(blocks.button(words("setup.again"), again))],
        close=words("button.close"),
    )


def find_account(services: Services, client: WebClient, asker: Asker, email: str) -> int | None:
    """The person whose account has this address, who is known from now on; None when there is no such account."""
    try:
        user = client.users_lookupByEmail(email=email)["user"]["id"]
    except SlackApiError as error:
        if error.response["error"] == "users_not_found":
            return None
        raise
    return identify(services, client, asker.team, user).actor.person_id


def _unit_view(services: Services, asker: Asker) -> Block:
    words = asker.words
    with services.database.reading() as session:
        organisations.authorise(session, asker.actor)
        progress = organisations.progress(session, asker.actor.organisation_id)
    have = [words.n("setup.have_districts", progress.districts), words.n("setup.have_units", progress.units)]
    return blocks.modal(
        View.UNIT,
        words("view.unit"),
        [
            blocks.section(speak(words, "setup.unit")),
            blocks.context(" ".join(have)),
            blocks.field(
                "district_id",
                words("setup.unit_district"),
                blocks.search_select(placeholder=words("setup.unit_district_placeholder")),
                optional=True,
                hint=words("setup.unit_district_hint"),
            ),
            blocks.field("district", words("setup.new_district"), blocks.text_input(most=200), optional=True),
            blocks.field(
                "name",
                words("setup.unit_name"),
                blocks.text_input(most=200, placeholder=words("setup.unit_name_placeholder")),
                optional=True,
            ),
        ],
        submit=words("button.save"),
        close=words("button.cancel"),
    )


def _member_view(services: Services, asker: Asker) -> Block:
    words = asker.words
    with services.database.reading() as session:
        organisations.authorise(session, asker.actor)
        about = portrait.profile_fields(session, words, Profile())
    new_university = blocks.field(
        "university", words("setup.new_university"), blocks.text_input(most=200), optional=True
    )
    return blocks.modal(
        View.MEMBER,
        words("view.member"),
        [
            blocks.section(speak(words, "setup.member")),
            blocks.field(
                "user",
                words("setup.member_user"),
                blocks.user_select(placeholder=words("setup.user_placeholder")),
                optional=True,
                hint=words("setup.member_user_hint"),
            ),
            blocks.field("name", words("setup.member_name"), blocks.text_input(most=200), optional=True),
            blocks.field(
                "email",
                words("setup.member_email"),
                blocks.text_input(most=254),
                optional=True,
                hint=words("setup.member_email_hint"),
            ),
            *about[:2],
            new_university,
            *about[2:],
        ],
        submit=words("button.save"),
        close=words("button.cancel"),
    )


def _register_units(app: App, services: Services) -> None:
    @app.action(Action.UNIT_ADD)
    @answered
    def open_unit(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        show(client, body, _unit_view(services, asker_of(context)))
        ack()

    @app.view(View.UNIT)
    @answered
    def add_unit(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = parse(NewUnit, typed(body["view"]), asker.words)
        with services.database.writing() as session:
            district_id = form.district_id
            if form.district:
                district_id = districts.add_district(session, asker.actor, form.district)
            if form.name:
                districts.add_unit(session, asker.actor, form.name, district_id)
            organisations.refresh(session, asker.actor.organisation_id)
        said = speak(asker.words, "setup.added", name=form.name or form.district)
        ack(response_action="update", view=done(asker.words, "view.unit", said, Action.UNIT_ADD))


def _register_members(app: App, services: Services) -> None:
    @app.action(Action.MEMBER_ADD)
    @answered
    def open_member(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        show(client, body, _member_view(services, asker_of(context)))
        ack()

    @app.view(View.MEMBER)
    @answered
    def add_member(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        words = asker.words
        form = parse(NewMember, typed(body["view"]), words)
        with services.database.reading() as session:
            organisations.authorise(session, asker.actor)
        person_id = _person(services, client, asker, form)
        with services.database.writing() as session:
            about = form.profile
            if form.university:
                university_id = districts.add_university(session, asker.actor, form.university)
                about = about.model_copy(update={"university_id": university_id})
            member_id = members.add(session, asker.actor, form.name, form.email, about, person_id=person_id)
            name = members.name_of(session, member_id)
            organisations.refresh(session, asker.actor.organisation_id)
        reached = "setup.member_reached" if person_id is not None else "setup.member_unreached"
        said = speak(words, reached, name=name)
        ack(response_action="update", view=done(words, "view.member", said, Action.MEMBER_ADD))


def _register_finding(app: App, services: Services) -> None:
    @app.action(Action.FIND_ACCOUNTS)
    @answered
    def find_accounts(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        words = asker.words
        with services.database.reading() as session:
            organisations.authorise(session, asker.actor)
            emails = waiting.addresses_without_chat(session, asker.actor.organisation_id, LOOKED_UP)
        looking = _found_view(words, words("setup.looking"))
        view_id = client.views_open(trigger_id=body["trigger_id"], view=looking)["view"]["id"]
        found = sum(find_account(services, client, asker, email) is not None for email in emails)
        with services.database.writing() as session:
            organisations.refresh(session, asker.actor.organisation_id)
        said = words.n("setup.found", found) if found else words("setup.found_none")
        client.views_update(view_id=view_id, view=_found_view(words, said))


def _found_view(words: Words, said: str) -> Block:
    return blocks.modal(View.NOTICE, words("view.found"), [blocks.section(said)], close=words("button.close"))


def _person(services: Services, client: WebClient, asker: Asker, form: NewMember) -> int | None:
    if form.user:
        return identify(services, client, asker.team, form.user).actor.person_id
    return find_account(services, client, asker, form.email) if form.email else None
