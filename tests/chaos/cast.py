"""Who lives in the installation under attack: so many who ask, who coordinate, and who know."""

import datetime as dt
import json
from dataclasses import dataclass

from bot import organisations, registration, transfer
from bot.actors import Actor
from models.organisation import Installation
from tests.outside.installation import Installed

MONDAY = dt.datetime(2027, 2, 1, 8, 0, tzinfo=dt.UTC)
"""Where business time begins: no quiet period, no holiday and no clock change for weeks."""

NAMES = {"U0ASK": "Anna", "U0LEAD": "Maj", "U0KNOW": "Lena"}


@dataclass(frozen=True, slots=True)
class Company:
    """Those who have to do with one another: one asks, one coordinates, the others are asked. By user id."""

    asker: str
    coordinator: str
    members: tuple[str, ...]


def gather(installed: Installed, companies: int, members: int) -> list[Company]:
    """Let companies of so many members each move in, and begin business time on a Monday. Nothing may run yet."""
    made = [
        Company(f"U0ASK{number}", f"U0LEAD{number}", tuple(f"U0KNOW{number}X{each}" for each in range(members)))
        for number in range(companies)
    ]
    everybody = [user for each in made for user in (each.asker, each.coordinator, *each.members)]
    for user in everybody:
        installed.workspace.add_user(id=user, name=user.lower(), real_name=_name(user), email=_address(user))
        installed.workspace.invite(installed.settings["FORUM_CHANNEL"], user)
    for each in made:
        installed.workspace.invite(installed.settings["COORDINATORS_CHANNEL"], each.coordinator)
    named = json.loads(installed.settings["COORDINATORS"])
    installed.settings["COORDINATORS"] = json.dumps([*named, *(each.coordinator for each in made)])
    _register(installed, made)
    return made


def _register(installed: Installed, companies: list[Company]) -> None:
    team = installed.workspace.team
    rows = [f"{_name(user)},{_address(user)},{user},utvärdering" for each in companies for user in each.members]
    with installed.database.writing() as session:
        organisation_id = organisations.only(session).id
        sheet = "\n".join(["name,email,slack_user_id,keywords", *rows])
        transfer.import_members(session, organisation_id, f"{sheet}\n".encode())
        for each in companies:
            actor = registration.arrive(session, "slack", team, each.asker, _name(each.asker), None, "sv-SE")
            registration.register(session, Actor(organisation_id, actor.person_id), installed.unit_id, MONDAY)
        ahead = MONDAY - dt.datetime.now(dt.UTC)
        session.add(Installation(id=1, clock_offset=round(ahead.total_seconds())))


def _name(user: str) -> str:
    """An invented name that says who it is."""
    kind = next(kind for kind in NAMES if user.startswith(kind))
    return f"{NAMES[kind]} {user.removeprefix(kind)}"


def _address(user: str) -> str:
    return f"{user.lower()}@example.org"
