"""What can be seen of a process from outside: whether it lives, whether it can work, and what it has counted."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import metrics
from bot.clock import Clock
from bot.health import Health, Report
from models.database import Database


def routes(health: Health, database: Database, clock: Clock) -> list[Route]:
    """`/healthz`, `/readyz` and `/metrics`. The first two answer 200 or 503, with a sentence for each part."""

    async def healthz(_request: Request) -> Response:
        return _answer(health.alive())

    async def readyz(_request: Request) -> Response:
        return _answer(await run_in_threadpool(health.ready))

    async def counted(_request: Request) -> Response:
        text = await run_in_threadpool(metrics.exposed, database, clock)
        return Response(text, headers={"Content-Type": metrics.CONTENT_TYPE})

    served: dict[str, Callable[..., object]] = {"/healthz": healthz, "/readyz": readyz, "/metrics": counted}
    return [Route(path, endpoint) for path, endpoint in served.items()]


def _answer(report: Report) -> Response:
    parts = {part.name: {"well": part.well, "needed": part.needed, "says": part.says} for part in report.parts}
    return JSONResponse({"well": report.well, "parts": parts}, 200 if report.well else 503)
