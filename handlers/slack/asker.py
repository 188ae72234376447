"""Who asks: every payload's person, resolved once, and the answer they get when something is refused or goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from http.client import HTTPException
from typing import Any, ParamSpec, cast

import structlog
from slack_bolt import Ack, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import logs, metrics, registration, trail
from bot.actors import Actor
from bot.refusals import Refusal
from bot.services import Services
from bot.wording import Words, words
from handlers.slack import blocks
from handlers.slack.forms import Mistakes
from handlers.slack.ids import View
from models.database import Unavailable
from models.organisation import Organisation
from models.people import Person

log = structlog.get_logger()
P = ParamSpec("P")
PLATFORM = "slack"
OUTCOME = "outcome"
"""Where it stands in the context how the person was answered, when it was not as they wished."""
_ASKER, _FINDING = "asker", "finding_asker"
FINISHED = "finished"
"""Where an event stands in the context that is set when a listener is through, if anybody waits for that."""


@dataclass(frozen=True, slots=True)
class Asker:
    """The person behind a payload: who they are to us, and the words they read."""

    actor: Actor
    words: Words
    user: str
    team: str


def identify(services: Services, client: WebClient, team: str, user: str) -> Asker:
    """The person, who is made known at the first contact (name, e-mail and locale from `users.info`).

    Raises `NotAllowed` when the team belongs to no organisation here.
    """
    with services.database.reading() as session:
        actor = registration.actor_of(session, PLATFORM, team, user)
    if actor is None:
        profile = client.users_info(user=user, include_locale=True)["user"]
        with services.database.writing() as session:
            actor = registration.arrive(
                session,
                PLATFORM,
                team,
                user,
                name=profile["profile"].get("real_name") or profile.get("real_name") or profile["name"],
                email=profile["profile"].get("email"),
                language=profile.get("locale") or "sv-SE",
            )
    with services.database.reading() as session:
        zone = session.get_one(Organisation, actor.organisation_id).zone
        language = session.get_one(Person, actor.person_id).language
    return Asker(actor, words(language, zone), user, team)


def answered(listener: Callable[P, None]) -> Callable[P, None]:
    """Let a listener's refusals reach the person as a sentence, and everything unexpected as a reference to quote,
    which is the id that the payload's log lines carry.

    A form stays open with what was typed; a click is answered in a small view; a command, which has been acknowledged
    by then, in a message that only the person sees. The listener takes `ack`, `body`, `client` and `context`, as Bolt
    names them.
    """

    @wraps(listener)
    def answer(*args: P.args, **kwargs: P.kwargs) -> None:
        given = cast(dict[str, Any], kwargs)
        try:
            with trail.followed(given["context"].get(trail.NAME) or trail.new_id()):
                _answer(partial(listener, *args, **kwargs), listener.__name__, **given)
        finally:
            if FINISHED in given["context"]:
                given["context"][FINISHED].set()

    return answer


def _answer(
    listen: Callable[[], None],
    name: str,
    *,
    ack: Ack,
    body: dict[str, Any],
    client: WebClient,
    context: BoltContext,
    **_: Any,
) -> None:
    try:
        listen()
    except Mistakes as mistakes:
        context[OUTCOME] = "refused"
        _say_at_fields(ack, body, mistakes.at)
    except Refusal as refusal:
        context[OUTCOME] = "refused"
        speaker = _words(context)
        _say(ack, body, client, context, speaker, refusal.sentence(speaker), refusal.field)
    except Unavailable:
        context[OUTCOME] = "unavailable"
        metrics.FAILURES.labels(name, "unavailable").inc()
        log.warning("database.unavailable", listener=name)
        _say_unsaved(ack, body, client, context, _words(context))
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer
        context[OUTCOME] = "failed"
        metrics.FAILURES.labels(name, "failed").inc()
        reference = trail.current()
        frames = logs.frames(error)
        log.error("listener.failed", reference=reference, listener=name, error=type(error).__name__, frames=frames)
        speaker = _words(context)
        _say(ack, body, client, context, speaker, speaker("error.unexpected", reference=reference))


def find_later(context: BoltContext, find: Callable[[], Asker]) -> None:
    """Have `asker_of` find the person when it is first asked: for what is acknowledged before that."""
    context[_FINDING] = find


def asker_of(context: BoltContext) -> Asker:
    """The person behind the payload. The first time it raises as `identify` does."""
    if _ASKER not in context:
        context[_ASKER] = context[_FINDING]()
    found: Asker = context[_ASKER]
    return found


def _words(context: BoltContext) -> Words:
    """The person's words, or Swedish ones while nobody knows who it is."""
    return asker_of(context).words if _ASKER in context else words("sv")


def _say_at_fields(ack: Ack, body: dict[str, Any], at: dict[str, str]) -> None:
    inputs = _inputs(body["view"])
    known = {name: sentence for name, sentence in at.items() if name in inputs}
    for name, sentence in at.items():
        if name not in known and inputs:
            known.setdefault(inputs[0], sentence)
    ack(response_action="errors", errors=known)


def _say(
    ack: Ack,
    body: dict[str, Any],
    client: WebClient,
    context: BoltContext,
    speaker: Words,
    sentence: str,
    at: str | None = None,
) -> None:
    if body.get("type") == "view_submission":
        inputs = _inputs(body["view"])
        if inputs:
            ack(response_action="errors", errors={at if at in inputs else inputs[-1]: sentence})
        else:
            ack(response_action="update", view=_notice(speaker, sentence))
    elif "command" in body:
        _respond(context, sentence)
    else:
        ack()
        _show(client, body, context, speaker, sentence)


def _respond(context: BoltContext, sentence: str) -> None:
    try:
        cast(Respond, context.respond)(sentence)
    except (OSError, HTTPException) as error:
        log.warning("answer.unsent", error=type(error).__name__)


def _say_unsaved(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext, speaker: Words) -> None:
    """A form stays as it is, also one without a field to say it at: then it is said on top."""
    if body.get("type") != "view_submission":
        _say(ack, body, client, context, speaker, speaker("error.unavailable_click"))
    elif _inputs(body["view"]):
        _say(ack, body, client, context, speaker, speaker("error.unavailable"))
    else:
        ack(response_action="push", view=_notice(speaker, speaker("error.unavailable")))


def _show(client: WebClient, body: dict[str, Any], context: BoltContext, speaker: Words, sentence: str) -> None:
    """In a view of its own; on top of an open one when the click came from there. When it is too late for a view, or
    Slack does not answer, below the message that was clicked."""
    if "trigger_id" not in body:
        return
    opened = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    try:
        opened(trigger_id=body["trigger_id"], view=_notice(speaker, sentence))
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("notice.unseen", error=_code(error))
        if "response_url" in body:
            _respond(context, sentence)


def _code(error: Exception) -> str:
    """Slack's word for what went wrong, or ours when there is none that can be read."""
    said = error.response if isinstance(error, SlackApiError) else {}
    return str((not isinstance(said, str) and said.get("error")) or type(error).__name__)


def _notice(speaker: Words, sentence: str) -> dict[str, Any]:
    return blocks.modal(View.NOTICE, speaker("view.notice"), [blocks.section(sentence)], close=speaker("button.close"))


def _inputs(view: dict[str, Any]) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
