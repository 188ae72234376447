"""The organisation's settings: its terms, who chooses, days, the digest, and quiet periods."""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import organisations
from bot.digest import ensure_timer
from bot.services import Services
from bot.wording import Words
from bot.workdays import QUIET_PERIODS, quiet_periods
from handlers.slack import blocks
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block, Choice
from handlers.slack.forms import Mistakes, parse, typed
from handlers.slack.ids import Action, View
from handlers.slack.markup import speak
from handlers.slack.opening import open_view
from handlers.slack.question import capitalised
from models.organisation import Choosing, Organisation, Silence
from models.settings_form import OrganisationSettings

DAYS = {
    "reminder_days": 30,
    "offer_days": 30,
    "triage_reminder_days": 30,
    "triage_deputy_days": 30,
    "unanswered_limit": 10,
    "hours_usual": 200,
    "draft_days": 365,
}
"""The settings that are a number, with the largest that is accepted; the smallest is 1."""


def register(app: App, services: Services) -> None:
    """Open the settings, and save them."""

    @app.action(Action.SETTINGS)
    @answered
    def open_settings(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        open_view(client, body, _view(services, asker_of(context)))
        ack()

    @app.view(View.SETTINGS)
    @answered
    def save(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = _read(asker.words, typed(body["view"]))
        with services.database.writing() as session:
            organisations.change_settings(session, asker.actor, form)
            ensure_timer(session, session.get_one(Organisation, asker.actor.organisation_id), services.clock.now())
        ack()


def _read(words: Words, values: dict[str, Any]) -> OrganisationSettings:
    """The form as typed; what is wrong with two fields together is said at the later one."""
    periods = _periods(words, values.pop("quiet_periods", ""))
    try:
        return parse(OrganisationSettings, values | {"quiet_periods": periods}, words)
    except Mistakes as mistakes:
        if "" in mistakes.at:
            raise Mistakes({"reminder_days": mistakes.at[""]}) from mistakes
        raise


def _periods(words: Words, text: str) -> list[dict[str, Any]] | None:
    """Quiet periods, one a line: name; English name; first day; last day. None for the usual ones."""
    if text.strip() == _written(None):
        return None
    periods = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        parts = [part.strip() for part in line.split(";")]
        if len(parts) != 4 or not all(parts):
            raise Mistakes({"quiet_periods": words("setup.quiet_line", line=line[:80])})
        periods.append({"name": {"sv": parts[0], "en": parts[1]}, "from": parts[2], "to": parts[3]})
    return periods


def _written(stored: list[dict[str, Any]] | None) -> str:
    periods = QUIET_PERIODS if stored is None else quiet_periods(stored)
    return "\n".join(f"{each.name.sv}; {each.name.en}; {each.starts}; {each.ends}" for each in periods)


def _view(services: Services, asker: Asker) -> Block:
    words = asker.words
    with services.database.reading() as session:
        organisations.authorise(session, asker.actor)
        settings = organisations.settings_of(session, asker.actor.organisation_id)
    return blocks.modal(
        View.SETTINGS,
        words("view.settings"),
        [
            blocks.section(speak(words, "setup.settings")),
            _text(words, "name", settings.name, 200),
            _text(words, "terms", settings.terms, 1500, multiline=True, optional=True, hint=True),
            _text(words, "terms_en", settings.terms_en, 1500, multiline=True, optional=True),
            _choice(words, "choosing", [*Choosing], settings.choosing),
            blocks.header(words("setting.heading_days")),
            *(
                blocks.field(
                    name,
                    words(f"setting.{name}"),
                    blocks.number_input(initial=getattr(settings, name), least=1, most=most),
                )
                for name, most in DAYS.items()
            ),
            _text(words, "feedback_months", ", ".join(map(str, settings.feedback_months)), 40, hint=True),
            blocks.header(words("setting.heading_digest")),
            _choice(words, "digest_weekday", [str(day) for day in range(7)], str(settings.digest_weekday)),
            blocks.field(
                "digest_hour",
                words("setting.digest_hour"),
                blocks.number_input(initial=settings.digest_hour, most=23),
            ),
            _choice(words, "digest_silence", [*Silence], settings.digest_silence),
            _text(
                words,
                "quiet_periods",
                _written(settings.quiet_periods),
                2000,
                multiline=True,
                optional=True,
                hint=True,
            ),
            blocks.header(words("setting.heading_words")),
            _choice(words, "language", ["sv", "en"], settings.language),
            _text(words, "coordinator_title", settings.coordinator_title, 80),
            _text(words, "coordinator_title_en", settings.coordinator_title_en, 80),
            _text(words, "zone", settings.zone, 60),
        ],
        submit=words("button.save"),
        close=words("button.cancel"),
    )


def _text(
    words: Words,
    name: str,
    value: str,
    most: int,
    *,
    multiline: bool = False,
    optional: bool = False,
    hint: bool = False,
) -> Block:
    return blocks.field(
        name,
        words(f"setting.{name}"),
        blocks.text_input(initial=value, most=most, multiline=multiline),
        optional=optional,
        hint=words(f"setting.{name}_hint") if hint else "",
    )


def _choice(words: Words, name: str, values: list[str], chosen: str) -> Block:
    choices = [Choice(value, capitalised(words(f"setting.{name}_{value}"))) for value in values]
    return blocks.field(name, words(f"setting.{name}"), blocks.select(choices, initial=chosen))
