"""What a value in a block may be: small rules that name the place of what they refuse."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Document = dict[str, Any]


class Findings:
    """What is wrong, in Slack's words, each with a pointer to its place."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, problem: str, at: str) -> None:
        self.messages.append(f"[ERROR] {problem} [json-pointer:{at}]")


Rule = Callable[[Findings, Any, str], None]


@dataclass(frozen=True)
class Shape:
    """An object: fields that must stand in it, fields that may, and what must hold between them."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    also: Sequence[Rule] = ()

    def __call__(self, findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", at)
            return
        before = len(findings.messages)
        for name in self.required:
            if value.get(name) is None:
                findings.add(f"missing required field: {name}", at)
        for name, inner in value.items():
            rule = self.required.get(name) or self.optional.get(name)
            if rule is None:
                findings.add(f"invalid additional property: {name}", at)
            elif inner is not None:
                rule(findings, inner, f"{at}/{name}")
        if len(findings.messages) == before:
            for rule in self.also:
                rule(findings, value, at)


def anything(_findings: Findings, _value: Any, _at: str) -> None:
    """Accept every value."""


def boolean(findings: Findings, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        findings.add("must be a boolean", at)


def string(most: int, least: int = 1) -> Rule:
    def rule(findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, str):
            findings.add("must be a string", at)
        elif len(value) > most:
            findings.add(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            findings.add(f"must be more than {least - 1} characters", at)

    return rule


def integer(least: int, most: int) -> Rule:
    def rule(findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            findings.add("must be an integer", at)
        elif not least <= value <= most:
            findings.add(f"must be between {least} and {most}", at)

    return rule


def one_of(*allowed: str) -> Rule:
    def rule(findings: Findings, value: Any, at: str) -> None:
        if value not in allowed:
            findings.add(f"must be one of: {', '.join(allowed)}", at)

    return rule


def pattern(expression: str, problem: str) -> Rule:
    compiled = re.compile(expression)

    def rule(findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            findings.add(problem, at)

    return rule


def is_date(value: Any) -> bool:
    """A calendar date written YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def calendar_date(findings: Findings, value: Any, at: str) -> None:
    if not is_date(value):
        findings.add("must be a valid date in the format YYYY-MM-DD", at)


TIME = r"([01]\d|2[0-3]):[0-5]\d"
clock_time = pattern(TIME, "must be a valid time in the format HH:mm")
web_address = pattern(r"https?://\S+", "must be a valid URL")
number_text = pattern(r"-?\d+([.]\d+)?", "must be a number")


def items(rule: Rule, *, most: int, least: int = 1) -> Rule:
    def check(findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, list):
            findings.add("must be an array", at)
            return
        if len(value) > most:
            findings.add(f"no more than {most} items allowed", at)
        elif len(value) < least:
            findings.add(f"no less than {least} items allowed", at)
        else:
            for index, inner in enumerate(value):
                rule(findings, inner, f"{at}/{index}")

    return check


def text(most: int, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Rule:
    """A text object of one of the kinds, never empty."""

    def rule(findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", at)
            return
        kind = value.get("type")
        if kind not in kinds:
            findings.add(f"must be one of: {', '.join(kinds)}", f"{at}/type")
            return
        extra = {"emoji": boolean} if kind == "plain_text" else {"verbatim": boolean}
        Shape({"type": anything, "text": string(most)}, extra)(findings, value, at)

    return rule


def plain(most: int) -> Rule:
    return text(most, kinds=("plain_text",))


def both(*rules: Rule) -> Rule:
    def check(findings: Findings, value: Any, at: str) -> None:
        for rule in rules:
            rule(findings, value, at)

    return check


def by_type(shapes: Mapping[str, Shape], *, allowed: frozenset[str] | None = None) -> Rule:
    """An object whose `type` chooses its shape."""

    def rule(findings: Findings, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            findings.add("must provide an object", at)
            return
        kind = value.get("type")
        if kind is None:
            findings.add("missing required field: type", at)
        elif not isinstance(kind, str) or kind not in shapes or (allowed is not None and kind not in allowed):
            findings.add(f"unsupported type: {kind}", f"{at}/type")
        else:
            shapes[kind](findings, value, at)

    return rule


def exactly_one_of(first: str, second: str) -> Rule:
    def rule(findings: Findings, value: Any, at: str) -> None:
        if (value.get(first) is None) == (value.get(second) is None):
            findings.add(f"must define either `{first}` or `{second}`", at)

    return rule
