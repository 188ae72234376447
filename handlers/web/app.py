"""The HTTP endpoint: Slack's signed deliveries, and what there is to see from outside."""

import asyncio
import re
from collections.abc import Sequence
from http import HTTPStatus

from slack_bolt import App, BoltRequest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

LARGEST_BODY = 1_000_000
"""Bytes; Slack's own payloads are far smaller."""

READING = 3.0
"""Seconds for a payload to come in; Slack, which sends it at once, waits no longer for the answer."""

_SIGNED_AT = "x-slack-request-timestamp"


def build(slack: App, seen_from_outside: Sequence[Route]) -> Starlette:
    """The ASGI app: Slack's deliveries, and whatever else is to be served beside them."""

    async def slack_events(request: Request) -> Response:
        try:
            async with asyncio.timeout(READING):
                body = await _body(request)
        except TimeoutError:
            return _cut_off("too slow", HTTPStatus.REQUEST_TIMEOUT)
        except ClientDisconnect:
            return _cut_off("cut off", HTTPStatus.BAD_REQUEST)
        if body is None:
            return _cut_off("too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        said = await run_in_threadpool(slack.dispatch, _payload(request, body))
        response = Response(said.body, said.status)
        for name, values in said.headers.items():
            for value in values:
                response.headers.append(name, value)
        return response

    return Starlette(routes=[Route("/slack/events", slack_events, methods=["POST"]), *seen_from_outside])


async def _body(request: Request) -> str | None:
    """What was sent; None when it is too much."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return body.decode("utf-8", "replace")


def _cut_off(said: str, status: HTTPStatus) -> Response:
    """The answer to a request that is not read to its end, after which nobody listens any more."""
    return Response(said, status, {"Connection": "close"})


def _payload(request: Request, body: str) -> BoltRequest:
    """What Bolt is to look at; of something that cannot be read only the signature, which it looks at first: nobody but
    Slack is told more."""
    headers: dict[str, str | Sequence[str]] = {
        name: [value] for name, value in request.headers.items() if value.isascii()
    }
    if not re.fullmatch("[0-9]{1,20}", request.headers.get(_SIGNED_AT, "")):
        headers.pop(_SIGNED_AT, None)
    try:
        return BoltRequest(body=body, query=request.url.query, headers=headers)
    except Exception:  # noqa: BLE001 - whatever Bolt stumbles over, it was no payload
        unreadable = BoltRequest(body="", headers=headers)
        unreadable.raw_body = body
        return unreadable
