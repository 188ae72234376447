"""What a call is answered when Slack would refuse it."""

from typing import Any


class RefusedError(Exception):
    """A call is refused with one of Slack's error codes; `details` stand beside it in the answer."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.details}


class PageError(Exception):
    """The page asked for something that cannot be; answered with an HTTP status and a code."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
