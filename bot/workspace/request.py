"""One call of the Web API: its arguments as Slack reads them, and the scopes the token has."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, TypeVar

from bot.workspace.office import Office
from bot.workspace.refusal import RefusedError

Document = dict[str, Any]
Item = TypeVar("Item")


class Request:
    """The arguments of a call, sent as a form (every value a string) or as JSON."""

    def __init__(self, office: Office, arguments: Document, base_url: str) -> None:
        self.office = office
        self.base_url = base_url
        self._arguments = arguments

    def text(self, name: str, default: str = "") -> str:
        value = self._arguments.get(name)
        return default if value is None else str(value)

    def given(self, name: str) -> bool:
        return self._arguments.get(name) is not None

    def required(self, name: str, code: str = "invalid_arguments") -> str:
        """The argument; raises RefusedError when it is missing or empty."""
        value = self.text(name)
        if not value:
            problem = f"[ERROR] missing required field: {name}"
            raise RefusedError(code, response_metadata={"messages": [problem]})
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def document(self, name: str, code: str = "invalid_arguments") -> Any:
        """An argument that is JSON, also when it was sent as a string; None when it was not sent."""
        value = self._arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise RefusedError(code) from error

    def names(self, name: str) -> list[str]:
        """A list sent with commas between its items, or as JSON."""
        value = self._arguments.get(name)
        parts = value if isinstance(value, list) else self.text(name).split(",")
        return list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))

    def need(self, *scopes: str) -> None:
        """Refuse the call as `missing_scope` unless the token has one of the scopes."""
        provided = self.office.installation.manifest.scopes
        if not provided.intersection(scopes):
            raise RefusedError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(provided)))

    def page(
        self, items: list[Item], key: Callable[[Item], str], *, default: int = 100, descending: bool = False
    ) -> tuple[list[Item], str]:
        """One page of items ordered by their key, and the cursor of the next ("" after the last).

        Raises RefusedError `invalid_limit` outside 1-1000 and `invalid_cursor` for one of another kind.
        """
        limit = self._limit(default)
        cursor = self.text("cursor")
        if cursor:
            start = _opened(cursor)
            items = [each for each in items if (key(each) <= start if descending else key(each) >= start)]
        shown, rest = items[:limit], items[limit:]
        return shown, _closed(key(rest[0])) if rest else ""

    def _limit(self, default: int) -> int:
        try:
            limit = int(self.text("limit", str(default)) or default)
        except ValueError as error:
            raise RefusedError("invalid_limit") from error
        if limit == 0:
            return default
        if not 1 <= limit <= 1000:
            raise RefusedError("invalid_limit")
        return limit


def _closed(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()


def _opened(cursor: str) -> str:
    try:
        plain = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RefusedError("invalid_cursor") from error
    if not plain.startswith("next:"):
        raise RefusedError("invalid_cursor")
    return plain.removeprefix("next:")
