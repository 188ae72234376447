"""The Events API: what the manifest subscribes to is told to the bot, three times more when unanswered."""

import asyncio
import time
from typing import Any

from bot.workspace.delivery import Delivery
from bot.workspace.faults import Faults
from bot.workspace.installation import Installation, new_id
from bot.workspace.live import Live

RETRY_AFTER = (0.0, 60.0, 300.0)


class Events:
    def __init__(self, installation: Installation, delivery: Delivery, live: Live, faults: Faults) -> None:
        self._installation = installation
        self._delivery = delivery
        self._live = live
        self._faults = faults

    def emit(self, subscription: str, event: dict[str, Any]) -> None:
        """Tell the bot of an event, when its manifest subscribes to it."""
        if subscription not in self._installation.manifest.events:
            return
        envelope = self._envelope(event)
        self._live.run(lambda: self._deliver(envelope))

    async def _deliver(self, envelope: dict[str, Any]) -> None:
        await asyncio.sleep(self._faults.delay())
        answer = await self._delivery.send("events_api", envelope)
        for attempt, seconds in enumerate(RETRY_AFTER, 1):
            if answer.error is None or not answer.retry:
                break
            await asyncio.sleep(seconds)
            reason = "http_timeout" if answer.error == "timeout" else "http_error"
            answer = await self._delivery.send("events_api", envelope, attempt, reason)
        if answer.error is None:
            again = enumerate(self._faults.repeats(), 1)
            await asyncio.gather(*(self._repeat(envelope, attempt, seconds) for attempt, seconds in again))

    async def _repeat(self, envelope: dict[str, Any], attempt: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._delivery.send("events_api", envelope, attempt, "http_timeout")

    def _envelope(self, event: dict[str, Any]) -> dict[str, Any]:
        installed = self._installation
        return {
            "token": "verification",
            "team_id": installed.team_id,
            "context_team_id": installed.team_id,
            "context_enterprise_id": None,
            "api_app_id": installed.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": installed.team_id,
                    "user_id": installed.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }
