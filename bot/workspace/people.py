"""The users of the workspace: persons and the bot."""

import zlib
from datetime import UTC, datetime
from typing import Any

from bot.workspace.installation import Installation, new_id, utc_offset
from bot.workspace.refusal import PageError, RefusedError
from bot.workspace.store import Document, Store

_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836")


class People:
    def __init__(self, store: Store, installation: Installation) -> None:
        self._store = store
        self._installation = installation
        self._all: dict[str, Document] = dict(store.read("user"))
        if installation.bot_user not in self._all:
            self.add(
                id=installation.bot_user,
                name=installation.manifest.bot_name.lower(),
                real_name=installation.manifest.name,
                is_bot=True,
            )

    def add(
        self,
        *,
        id: str | None = None,
        name: str,
        real_name: str,
        title: str = "",
        email: str | None = None,
        locale: str = "sv-SE",
        tz: str = "Europe/Stockholm",
        is_admin: bool = False,
        deleted: bool = False,
        is_bot: bool = False,
    ) -> Document:
        """Add a user, or replace the one with the same id. Raises ValueError when the handle is another's."""
        user_id = id or new_id("U")
        if any(each["name"] == name and each["id"] != user_id for each in self._all.values()):
            raise ValueError(f"the user name {name} is taken")
        user = {
            "id": user_id,
            "name": name,
            "real_name": real_name,
            "title": title,
            "email": email,
            "locale": locale,
            "tz": tz,
            "is_admin": is_admin,
            "deleted": deleted,
            "is_bot": is_bot,
            "color": _COLORS[zlib.crc32(user_id.encode()) % len(_COLORS)],
        }
        self._save(user)
        return user

    def deactivate(self, user_id: str) -> Document:
        user = {**self.get(user_id), "deleted": True}
        self._save(user)
        return user

    def get(self, user_id: str) -> Document:
        """The user; raises RefusedError `user_not_found`."""
        user = self._all.get(user_id)
        if user is None:
            raise RefusedError("user_not_found")
        return user

    def acting(self, user_id: Any) -> Document:
        """The person who acts on the page; raises PageError for the unknown, the deactivated and the bot."""
        user = self._all.get(str(user_id))
        if user is None:
            raise PageError("user_not_found", 404)
        if user["deleted"] or user["is_bot"]:
            raise PageError("user_disabled", 403)
        return user

    def by_handle(self, handle: str) -> Document | None:
        wanted = handle.lstrip("@").casefold()
        for user in self._all.values():
            if wanted in (user["name"].casefold(), user["real_name"].casefold()):
                return user
        return None

    def by_email(self, email: str) -> Document:
        """The active user with this address; raises RefusedError `users_not_found`."""
        wanted = email.strip().casefold()
        for user in self._all.values():
            if user["email"] and user["email"].casefold() == wanted and not user["deleted"]:
                return user
        raise RefusedError("users_not_found")

    def all(self) -> list[Document]:
        return [self._all[user_id] for user_id in sorted(self._all)]

    def api(self, user: Document, *, email: bool, locale: bool) -> Document:
        """The user as the Web API shows it; the address only with its scope, the locale when asked for."""
        first, _, last = user["real_name"].rpartition(" ")
        profile: Document = {
            "title": user["title"],
            "real_name": user["real_name"],
            "real_name_normalized": user["real_name"],
            "display_name": user["name"],
            "display_name_normalized": user["name"],
            "first_name": first or last,
            "last_name": last if first else "",
            "phone": "",
            "skype": "",
            "status_text": "",
            "status_emoji": "",
            "avatar_hash": "",
            "team": self._installation.team_id,
        }
        if email and user["email"]:
            profile["email"] = user["email"]
        shown: Document = {
            "id": user["id"],
            "team_id": self._installation.team_id,
            "name": user["name"],
            "deleted": user["deleted"],
            "is_bot": user["is_bot"],
            "is_app_user": False,
            "updated": 0,
            "profile": profile,
        }
        if user["is_bot"]:
            profile |= {"bot_id": self._installation.bot_id, "api_app_id": self._installation.app_id}
        if not user["deleted"]:
            shown |= {
                "color": user["color"],
                "real_name": user["real_name"],
                "tz": user["tz"],
                "tz_label": user["tz"],
                "tz_offset": utc_offset(user["tz"], datetime.now(UTC)),
                "is_admin": user["is_admin"],
                "is_owner": False,
                "is_primary_owner": False,
                "is_restricted": False,
                "is_ultra_restricted": False,
            }
            if locale:
                shown["locale"] = user["locale"]
        return shown

    def page(self, user: Document) -> Document:
        """The user as the page shows it."""
        names = ("id", "name", "real_name", "title", "email", "locale", "is_bot", "deleted", "color")
        return {**{name: user[name] for name in names}, "color": f"#{user['color']}"}

    def _save(self, user: Document) -> None:
        self._all[user["id"]] = user
        self._store.put("user", user["id"], user)
