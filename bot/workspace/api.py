"""The Web API's one door: every call of the bot comes in here and is answered here."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.workspace.calls import Calls
from bot.workspace.hooks import Hooks
from bot.workspace.methods import METHODS
from bot.workspace.office import Office
from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request
from bot.workspace.sockets import Sockets
from bot.workspace.store import Store

Document = dict[str, Any]
OPEN_CONNECTION = "apps.connections.open"


class Api:
    def __init__(self, office: Office, store: Store, sockets: Sockets, hooks: Hooks, calls: Calls) -> None:
        self._office = office
        self._store = store
        self._sockets = sockets
        self._hooks = hooks
        self._calls = calls

    async def call(self, request: HttpRequest) -> Response:
        """Answer one call; everything it changed is committed before the answer leaves."""
        method = request.path_params["method"]
        base_url = str(request.base_url)
        try:
            arguments = _arguments(request, await request.body())
            answer = {"ok": True, **self._carried_out(method, _token(request, arguments), arguments, base_url)}
        except RefusedError as refusal:
            answer = refusal.answer()
        self._store.flush()
        self._calls.note(method, answer)
        scopes = ",".join(sorted(self._office.installation.manifest.scopes))
        return JSONResponse(answer, headers={"X-OAuth-Scopes": scopes, "Cache-Control": "no-store"})

    async def hook(self, request: HttpRequest) -> Response:
        """A response address: what the bot says after it acknowledged a command or a click."""
        try:
            self._hooks.receive(request.path_params["hook"], json.loads(await request.body()))
        except ValueError:
            return self._hook_refused(RefusedError("invalid_payload"))
        except RefusedError as refusal:
            return self._hook_refused(refusal)
        self._store.flush()
        self._calls.note("response_url", {"ok": True})
        return PlainTextResponse("ok")

    def _hook_refused(self, refusal: RefusedError) -> Response:
        self._calls.note("response_url", refusal.answer())
        status = 404 if refusal.code in ("expired_url", "used_url") else 400
        return JSONResponse(refusal.answer(), status_code=status)

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
