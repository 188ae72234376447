"""The Web API's one door: every call of the bot comes in here and is answered here."""

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.background import BackgroundTask
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.workspace.calls import Calls
from bot.workspace.faults import Fate, Faults
from bot.workspace.hooks import Hooks
from bot.workspace.line import NoAnswer
from bot.workspace.methods import METHODS
from bot.workspace.moments import Moment, Moments
from bot.workspace.office import Office
from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request
from bot.workspace.sockets import Sockets
from bot.workspace.store import Store

Document = dict[str, Any]
OPEN_CONNECTION = "apps.connections.open"
RESPONSE_URL = "response_url"


class Api:
    def __init__(
        self,
        office: Office,
        store: Store,
        sockets: Sockets,
        hooks: Hooks,
        calls: Calls,
        faults: Faults,
        moments: Moments,
    ) -> None:
        self._office = office
        self._store = store
        self._sockets = sockets
        self._hooks = hooks
        self._calls = calls
        self._faults = faults
        self._moments = moments

    async def call(self, request: HttpRequest) -> Response:
        """Answer one call; everything it changed is committed before the answer leaves."""
        method = request.path_params["method"]
        base_url = str(request.base_url)
        fate = self._faults.call(method)
        arguments: Document = {}
        try:
            arguments = _arguments(request, await request.body())
            fate.admit()
            answer = {"ok": True, **self._carried_out(method, _token(request, arguments), arguments, base_url)}
        except RefusedError as refusal:
            answer = refusal.answer()
        self._store.flush()
        self._calls.note(method, answer, fate.trouble)
        scopes = ",".join(sorted(self._office.installation.manifest.scopes))
        response = JSONResponse(answer, headers={"X-OAuth-Scopes": scopes, "Cache-Control": "no-store"})
        return await self._leaving(fate, Moment("accepted", method, arguments, answer, fate.trouble), response)

    async def hook(self, request: HttpRequest) -> Response:
        """A response address: what the bot says after it acknowledged a command or a click."""
        fate = self._faults.call(RESPONSE_URL)
        given: Document = {}
        answer: Document = {"ok": True}
        try:
            given = json.loads(await request.body())
            fate.admit()
            self._hooks.receive(request.path_params["hook"], given)
        except ValueError:
            answer = RefusedError("invalid_payload").answer()
        except RefusedError as refusal:
            answer = refusal.answer()
        self._store.flush()
        self._calls.note(RESPONSE_URL, answer, fate.trouble)
        return await self._leaving(
            fate, Moment("accepted", RESPONSE_URL, given, answer, fate.trouble), _hook_response(answer)
        )

    async def _leaving(self, fate: Fate, moment: Moment, response: Response) -> Response:
        """The response as the call's fate wants it; those who look on learn what was done, and what was answered."""
        answer = moment.answer
        if answer is not None and answer["ok"]:
            self._moments.tell(moment)
        if fate.seconds:
            await asyncio.sleep(fate.seconds)
        if fate.trouble == "dropped":
            answer, response = None, NoAnswer()
        elif fate.trouble is not None:
            answer = RefusedError(fate.error).answer()
            response = JSONResponse(answer, status_code=503)
            if fate.trouble == "limited":
                response = JSONResponse(answer, status_code=429, headers={"Retry-After": str(fate.retry_after)})
        response.background = BackgroundTask(self._answered, replace(moment, phase="answered", answer=answer))
        return response

    async def _answered(self, moment: Moment) -> None:
        self._moments.tell(moment)

    def _carried_out(self, method: str, token: str, arguments: Document, base_url: str) -> Document:
        if method != OPEN_CONNECTION and method not in METHODS:
            raise RefusedError("unknown_method", req_method=method)
        self._check_token(method, token)
        if method == OPEN_CONNECTION:
            return self._connection(base_url)
        return METHODS[method](Request(self._office, arguments, base_url))

    def _check_token(self, method: str, token: str) -> None:
        installed = self._office.installation
        if not token:
            raise RefusedError("not_authed")
        if token not in (installed.bot_token, installed.app_token):
            raise RefusedError("invalid_auth")
        if (token == installed.app_token) != (method == OPEN_CONNECTION):
            raise RefusedError("not_allowed_token_type")

    def _connection(self, base_url: str) -> Document:
        if not self._office.installation.manifest.socket_mode:
            raise RefusedError("forbidden_team")
        root = "ws" + base_url.removeprefix("http")
        app_id = self._office.installation.app_id
        return {"url": f"{root}link/?ticket={self._sockets.ticket()}&app_id={app_id}"}


def _hook_response(answer: Document) -> Response:
    if answer["ok"]:
        return PlainTextResponse("ok")
    return JSONResponse(answer, status_code=404 if answer["error"] in ("expired_url", "used_url") else 400)


def _token(request: HttpRequest, arguments: Document) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else str(arguments.get("token") or "")


def _arguments(request: HttpRequest, body: bytes) -> Document:
    arguments: Document = dict(request.query_params)
    if not body:
        return arguments
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        try:
            given = json.loads(body)
        except ValueError as error:
            raise RefusedError("invalid_json") from error
        if not isinstance(given, dict):
            raise RefusedError("json_not_object")
        return {**arguments, **given}
    if content_type != "application/x-www-form-urlencoded":
        raise RefusedError("invalid_form_data")
    return {**arguments, **dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))}
