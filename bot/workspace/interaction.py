"""What a person does: commands, clicks, submitted and closed forms, and what comes of each."""

import time
from dataclasses import dataclass
from typing import Any

from bot.workspace import blocks as block_list
from bot.workspace import inputs
from bot.workspace.calls import Calls
from bot.workspace.delivery import Answer, Delivery, Kind
from bot.workspace.elements import chosen as is_option
from bot.workspace.elements import offered
from bot.workspace.hooks import Hooks
from bot.workspace.office import Office
from bot.workspace.payloads import Payloads
from bot.workspace.refusal import PageError, RefusedError
from bot.workspace.rules import Findings
from bot.workspace.sentences import sentence
from bot.workspace.store import Document


@dataclass(frozen=True)
class Place:
    """Where something was clicked: a message (perhaps only shown to one), or a view."""

    container: Document
    blocks: block_list.Blocks
    view: Document | None = None
    message: Document | None = None
    channel: Document | None = None


class Interaction:
    def __init__(self, office: Office, delivery: Delivery, hooks: Hooks, calls: Calls) -> None:
        self._office = office
        self._delivery = delivery
        self._hooks = hooks
        self._calls = calls
        self._payloads = Payloads(office.installation)

    async def command(self, user: Document, channel: Document, command: str, text: str, base: str) -> Document:
        if command not in self._office.installation.manifest.commands:
            return self._refused(user, "unknown_command", command=command)
        payload = self._payloads.command(
            user,
            channel,
            command,
            text,
            trigger_id=self._office.triggers.issue(user["id"]),
            response_url=base + self._hooks.issue(user["id"], channel["id"]),
        )
        answer = await self._delivery.send("slash_commands", payload)
        if answer.error is not None:
            return self._unanswered(user, answer)
        if answer.document.get("text") or answer.document.get("blocks"):
            try:
                self._hooks.say(user["id"], channel["id"], answer.document)
            except RefusedError as refusal:
                return self._bad_answer(user, f"reply to {command}", refusal)
        return {"ok": True}

    async def action(self, user: Document, container: Any, given: Any, state: Any, base: str) -> Document:
        place = self._place(user, container)
        found = block_list.find(place.blocks, _named(given, "block_id"), _named(given, "action_id"))
        if found is None or found[1]["type"] != given.get("type"):
            raise PageError("no_such_element", 404)
        block, element = found
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise PageError("not_dispatched")
        values = inputs.entered(state.get("values") if isinstance(state, dict) else None)
        action = _action(block, element, given)
        if element["type"] in inputs.FIELDS:
            name = inputs.FIELDS[element["type"]][0]
            own = {"type": element["type"], name: action[name]}
            values.setdefault(block["block_id"], {})[element["action_id"]] = own
        return await self._act(user, place, action, values, base)

    async def submit(self, user: Document, view_id: Any, given: Any) -> Document:
        view = self._view(user, view_id)
        if view["type"] != "modal":
            raise PageError("not_a_modal")
        values = self._office.views.remember(view, given)
        errors = inputs.problems(view["blocks"], values, user["locale"])
        if errors:
            return {"result": "errors", "errors": errors}
        payload = self._payloads.interaction(
            "view_submission",
            user,
            trigger_id=self._office.triggers.issue(user["id"], view["id"]),
            view=self._office.views.api(view),
            response_urls=[],
        )
        answer = await self._interact(payload)
        if answer.error is not None:
            return _untimely(self._unanswered(user, answer))
        try:
            return self._after_submit(user, view, answer.document)
        except RefusedError as refusal:
            return _untimely(self._bad_answer(user, "reply to view_submission", refusal))

    def close(self, user: Document, view_id: Any) -> Document:
        """Close a modal by hand; the bot is told when it asked for that."""
        view = self._view(user, view_id)
        stack = self._office.views.stack(user["id"])
        if view["clear_on_close"]:
            closed = self._office.views.clear(user["id"])
            below = None
        else:
            closed = list(reversed(stack[next(i for i, v in enumerate(stack) if v["id"] == view["id"]) :]))
            below = self._office.views.close(user["id"], view)
        for each in closed:
            self._office.live.push("view_closed", {"view_id": each["id"]}, [user["id"]])
            if each["notify_on_close"]:
                self._tell_closed(user, each, cleared=bool(view["clear_on_close"]))
        return {"ok": True, "view": self._office.views.api(below) if below else None}

    async def options(self, user: Document, container: Any, given: Document) -> Document:
        place = self._place(user, container)
        found = block_list.find(place.blocks, _named(given, "block_id"), _named(given, "action_id"))
        if found is None or "external" not in found[1]["type"]:
            raise PageError("no_such_element", 404)
        payload = self._payloads.interaction(
            "block_suggestion",
            user,
            block_id=found[0]["block_id"],
            action_id=found[1]["action_id"],
            value=str(given.get("value") or ""),
            **self._around(place),
        )
        answer = await self._interact(payload)
        if answer.error is not None:
            return {"options": [], **self._unanswered(user, answer)}
        suggested = [each for each in offered(answer.document) if _is_option(each)]
        if "option_groups" in answer.document:
            groups = answer.document["option_groups"]
            return {"option_groups": [each for each in groups if isinstance(each, dict) and each.get("options")]}
        return {"options": suggested}

    async def _act(self, user: Document, place: Place, action: Document, values: Document, base: str) -> Document:
        fields: Document = {}
        if place.view is not None:
            self._office.views.remember(place.view, values)
            trigger_id = self._office.triggers.issue(user["id"], place.view["id"])
        else:
            trigger_id = self._office.triggers.issue(user["id"])
            fields["state"] = {"values": inputs.state(place.blocks, values)}
        if place.channel is not None:
            hook = self._hooks.issue(user["id"], place.channel["id"], place.message)
            fields["response_url"] = base + hook
        payload = self._payloads.interaction(
            "block_actions", user, trigger_id=trigger_id, actions=[action], **self._around(place), **fields
        )
        answer = await self._interact(payload)
        return {"ok": True} if answer.error is None else self._unanswered(user, answer)

    async def _interact(self, payload: Document) -> Answer:
        if not self._office.installation.manifest.interactive:
            return Answer("interactivity_disabled")
        kind: Kind = "interactive"
        return await self._delivery.send(kind, payload)

    def _after_submit(self, user: Document, view: Document, reply: Document) -> Document:
        views, live = self._office.views, self._office.live
        act = reply.get("response_action")
        if act == "errors":
            return {"result": "errors", "errors": _field_errors(view, reply.get("errors"))}
        if act == "update":
            shown = views.api(views.update(view, reply.get("view")))
            live.push("view_updated", {"view": shown}, [user["id"]])
            return {"result": "updated", "view": shown}
        if act == "push":
            shown = views.api(views.push(user["id"], reply.get("view")))
            live.push("view_opened", {"view": shown}, [user["id"]])
            return {"result": "pushed", "view": shown}
        if act == "clear":
            for each in views.clear(user["id"]):
                live.push("view_closed", {"view_id": each["id"]}, [user["id"]])
            return {"result": "closed", "view": None}
        if act is not None:
            raise RefusedError("invalid_response_action")
        below = views.close(user["id"], view)
        live.push("view_closed", {"view_id": view["id"]}, [user["id"]])
        return {"result": "closed", "view": views.api(below) if below else None}

    def _tell_closed(self, user: Document, view: Document, *, cleared: bool) -> None:
        payload = self._payloads.interaction("view_closed", user, view=self._office.views.api(view), is_cleared=cleared)

        async def errand() -> None:
            await self._interact(payload)

        self._office.live.run(errand)

    def _view(self, user: Document, view_id: Any) -> Document:
        try:
            return self._office.views.of(user["id"], view_id)
        except RefusedError as refusal:
            raise PageError("view_not_found", 404) from refusal

    def _place(self, user: Document, container: Any) -> Place:
        if not isinstance(container, dict):
            raise PageError("bad_container")
        if container.get("type") == "view":
            view = self._view(user, container.get("view_id"))
            return Place({"type": "view", "view_id": view["id"]}, view["blocks"], view=view)
        try:
            channel = self._office.channels.get(_named(container, "channel"))
            ts = _named(container, "ts")
            own = self._office.messages.ephemeral(channel["id"], ts, user["id"])
            message = own or self._office.messages.get(channel["id"], ts)
        except RefusedError as refusal:
            raise PageError(refusal.code, 404) from refusal
        if user["id"] not in channel["members"]:
            raise PageError("not_in_channel", 403)
        where = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel["id"],
            "is_ephemeral": own is not None,
        }
        if "thread_ts" in message:
            where["thread_ts"] = message["thread_ts"]
        return Place(where, message.get("blocks") or [], message=message, channel=channel)

    def _around(self, place: Place) -> Document:
        if place.view is not None:
            return {"container": place.container, "view": self._office.views.api(place.view)}
        fields: Document = {"container": place.container}
        if place.channel is not None:
            name = "directmessage" if place.channel["kind"] == "im" else place.channel["name"]
            fields["channel"] = {"id": place.channel["id"], "name": name}
        if place.message is not None and "to" not in place.message:
            fields["message"] = self._office.messages.api(place.message)
        return fields

    def _unanswered(self, user: Document, answer: Answer) -> Document:
        error = answer.error or ""
        key = "http" if error.startswith("http_") else error
        return self._refused(user, error, key=key, error=error)

    def _bad_answer(self, user: Document, what: str, refusal: RefusedError) -> Document:
        self._calls.note(what, refusal.answer())
        return self._refused(user, "invalid_response", key="trouble")

    def _refused(self, user: Document, code: str, key: str | None = None, **values: str) -> Document:
        app = self._office.installation.manifest.name
        message = sentence(key or code, user["locale"], app=app, **values)
        return {"ok": False, "error": code, "message": message}


def _untimely(refused: Document) -> Document:
    return {"result": "timeout", "error": refused["error"], "message": refused["message"]}


def _named(given: Any, name: str) -> str:
    return str(given.get(name) or "") if isinstance(given, dict) else ""


def _is_option(given: Any) -> bool:
    findings = Findings()
    is_option(findings, given, "")
    return not findings.messages


def _field_errors(view: Document, errors: Any) -> dict[str, str]:
    fields = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= fields:
        raise RefusedError("invalid_response_errors")
    return {str(name): str(text) for name, text in errors.items()}


def _action(block: Document, element: Document, given: Document) -> Document:
    """The action of a payload, with what the element itself knows: a person cannot send another value."""
    action = {
        "type": element["type"],
        "block_id": block["block_id"],
        "action_id": element["action_id"],
        "action_ts": f"{time.time():.6f}",
    }
    if element["type"] == "button":
        copied = ("text", "value", "style", "url")
        return action | {name: element[name] for name in copied if name in element}
    if element["type"] == "overflow":
        option = given.get("selected_option")
        known = [each for each in offered(element) if isinstance(option, dict) and each["value"] == option.get("value")]
        if not known:
            raise PageError("not_offered")
        return action | {"selected_option": known[0]}
    name = inputs.FIELDS[element["type"]][0]
    value = inputs.chosen(element, given.get(name))
    if value not in (None, []) and inputs.wrong(element, value)[0] is not None:
        raise PageError("not_offered")
    return action | {name: value}
