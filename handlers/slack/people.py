"""People come, change and go: what Slack tells of them. Who opens App Home sees it kept up to date from then on."""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import notices, registration, seen
from bot.services import Services
from handlers.slack.asker import PLATFORM, answered, identify

SLACKBOT = "USLACKBOT"


def register(app: App, services: Services) -> None:
    """Listen to Slack's events about people; each is taken care of once, however often it is delivered."""

    @app.event("app_home_opened")
    @answered
    def home_opened(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        event = body["event"]
        if event.get("tab") != "home":
            return
        actor = identify(services, client, body["team_id"], event["user"]).actor
        with services.database.writing() as session:
            now = services.database.real_now(session)
            if seen.first_time(session, body["event_id"], now) and actor.person_id is not None:
                notices.open_home(session, actor.organisation_id, actor.person_id)

    def follow(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        account = body["event"]["user"]
        if account.get("is_bot") or account["id"] == SLACKBOT:
            return
        with services.database.writing() as session:
            if not seen.first_time(session, body["event_id"], services.database.real_now(session)):
                return
            if account.get("deleted"):
                registration.departed(session, PLATFORM, body["team_id"], account["id"])
                return
            profile = account.get("profile") or {}
            registration.changed(
                session,
                PLATFORM,
                body["team_id"],
                account["id"],
                name=profile.get("real_name") or account.get("real_name") or "",
                email=profile.get("email"),
                language=account.get("locale") or "",
            )

    for event in ("team_join", "user_change"):
        app.event(event)(answered(follow))
