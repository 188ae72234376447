"""The HTTP endpoint: Slack's signed deliveries, and what there is to see from outside."""

from collections.abc import Sequence

from slack_bolt import App, BoltRequest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LARGEST_BODY = 1_000_000
"""Bytes; Slack's own payloads are far smaller."""


def build(slack: App, seen_from_outside: Sequence[Route]) -> Starlette:
    """The ASGI app: Slack's deliveries, and whatever else is to be served beside them."""

    async def slack_events(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return Response("too large", 413)
        asked = BoltRequest(
            body=body.decode("utf-8", "replace"),
            query=request.url.query,
            headers={name: [value] for name, value in request.headers.items()},
        )
        said = await run_in_threadpool(slack.dispatch, asked)
        response = Response(said.body, said.status)
        for name, values in said.headers.items():
            for value in values:
                response.headers.append(name, value)
        return response

    return Starlette(routes=[Route("/slack/events", slack_events, methods=["POST"]), *seen_from_outside])
