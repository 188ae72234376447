"""Slack's mrkdwn, kept safe: what people wrote is escaped before it is put anywhere, and never cut inside a sign.

A `Markup` may hold signs with a meaning (`<@U…>`, `*bold*`); a plain `str` never does, and is escaped on its way in.
"""

import re
from collections.abc import Iterable

from bot.wording import Words


class Markup(str):
    """Text that may be sent as mrkdwn as it stands."""

    __slots__ = ()


_HALF_ENTITY = re.compile(r"&[a-z]{0,4}$")


def escape(text: str) -> Markup:
    """The text with Slack's three signs made harmless, so that it pings nobody; a `Markup` passes unchanged."""
    if isinstance(text, Markup):
        return text
    clean = text.replace("\x00", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(clean)


def cut(text: str, length: int) -> str:
    """At most `length` characters, ending in … when something was left out, never inside an entity or a link."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    if isinstance(text, Markup):
        kept = _HALF_ENTITY.sub("", kept)
        opened = kept.rfind("<")
        if opened > kept.rfind(">"):
            kept = kept[:opened]
        return Markup(kept.rstrip() + "…")
    return kept.rstrip() + "…"


def speak(words: Words, key: str, /, **values: object) -> Markup:
    """A sentence as mrkdwn: its own signs count, those in the values do not."""
    return Markup(words(key, **_escaped(values)))


def speak_n(words: Words, key: str, n: int, /, **values: object) -> Markup:
    """A sentence in the plural that n asks for, as mrkdwn."""
    return Markup(words.n(key, n, **_escaped(values)))


def quote(text: str, length: int = 2500) -> Markup:
    """What somebody wrote, as a quotation."""
    lines = cut(escape(text), length).split("\n")
    return Markup("\n".join(f"> {line}" for line in lines))


def bold(text: str) -> Markup:
    """In bold, on one line."""
    plain = " ".join(text.split()).replace("*", "∗") if not isinstance(text, Markup) else text
    return Markup(f"*{escape(plain)}*")


def mention(user_id: str) -> Markup:
    """A person's name as Slack shows it; the person is notified when it stands in a message."""
    return Markup(f"<@{user_id}>")


def channel(channel_id: str) -> Markup:
    """A channel's name as a link."""
    return Markup(f"<#{channel_id}>")


def web(url: str, label: str) -> Markup:
    """A link. The address has been checked by its form; signs that would end it early are taken out."""
    address = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return Markup(f"<{address}|{escape(label.replace('|', '/').replace(chr(10), ' '))}>")


def lines(parts: Iterable[str]) -> Markup:
    """Lines under one another, empty ones left out."""
    return Markup("\n".join(escape(part) for part in parts if part))


def joined(separator: str, parts: Iterable[str]) -> Markup:
    """Parts in one line, empty ones left out."""
    return Markup(separator.join(escape(part) for part in parts if part))


def _escaped(values: dict[str, object]) -> dict[str, object]:
    return {name: escape(value) if isinstance(value, str) else value for name, value in values.items()}
