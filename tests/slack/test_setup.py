"""The first day: from nothing but an administrator to a bot that consultations can be filed with."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot import organisations, pickers
from bot.wording import words
from bot.workspace import Person, view_problems
from handlers.slack import adding, policy, setup
from handlers.slack.asker import Asker
from models.database import Database
from models.organisation import Organisation, Unit, University
from models.organisation import Workspace as Connected
from models.people import Identity, Member, Role, RoleKind
from models.people import Person as Known
from tests.factories import Inhabitant, Town
from tests.slack.desk import COORDINATORS, Desk, desk, opens, services_of
from tests.slack.town_hall import texts

LONG = "Å&<!channel>" * 400


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def office(database: Database) -> Iterator[Desk]:
    with desk(database) as made:
        yield made


@pytest.fixture
def admin(office: Desk) -> Person:
    """The administrator at their App Home, before anything is set up."""
    adam = administrator(office.town)

    def forget(session: Any) -> None:
        connected = session.scalars(select(Connected)).one()
        connected.coordinators_channel = connected.forum_channel = None

    office.town.do(forget)
    office.move_in()
    screen = office.screen(adam)
    screen.open_home()
    screen.wait_for(screen.home)
    return screen


def administrator(town: Town) -> Inhabitant:
    adam = town.requester("Adam Admin")
    town.do(organisations._give, town.id, adam.person, RoleKind.ADMINISTRATOR, town.now)
    return adam


def home_says(screen: Person, *said: str) -> str:
    def found() -> str | None:
        home = texts(screen.home())
        return home if all(text in home for text in said) else None

    return screen.wait_for(found)


def errors(answer: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = answer.get("errors") or {}
    return found


def test_the_whole_first_day(office: Desk, admin: Person) -> None:
    town, workspace = office.town, office._workspace
    workspace.add_user(id="U0CARIN", name="carin", real_name="Carin Ceder")
    home_says(admin, "Kom igång", "Utse samordnare", "Välj kanaler")

    admin.press("settings.appoint", view=admin.home())
    admin.fill(user="U0CARIN", kind="coordinator")
    assert "Carin Ceder" in texts(admin.modal())
    home_says(admin, "1 samordnare")

    admin.close()
    admin.press("settings.channels", view=admin.home())
    channels = {each["name"]: each["id"] for each in workspace.channels()}
    admin.fill(coordinators=channels[COORDINATORS], forum=channels["forum"])
    assert admin.modal() is None
    home_says(admin, ":white_check_mark: *Kanaler*")

    admin.press("member.add", view=admin.home())
    admin.fill(name="Lisa Lärd", email="lisa@exempel.se", keywords="hemlöshet\nboendestöd", university="Nya lärosätet")
    assert "så frågor går via samordnarna" in texts(admin.modal())
    home_says(admin, "Inställningar")
    assert "Kom igång" not in texts(admin.home())

    added = town.see(lambda s: s.scalars(select(Member)).one())
    assert added.keywords == ["hemlöshet", "boendestöd"]
    assert town.see(lambda s: s.get_one(University, added.university_id)).name == "Nya lärosätet"
    roles = town.see(pickers.managing, town.id)
    assert [(name, kind) for _, name, kind in roles] == [
        ("Carin Ceder", RoleKind.COORDINATOR),
        ("Adam Admin", RoleKind.ADMINISTRATOR),
    ]


def test_a_channel_without_the_bot_says_how_to_invite_it(office: Desk, admin: Person) -> None:
    alone = office._workspace.add_channel(name="ensam", private=True, members=[admin.user])["id"]
    public = office._workspace.add_channel(name="torget", members=[admin.user])["id"]
    admin.press("settings.channels", view=admin.home())
    said = errors(admin.fill(coordinators=alone, forum=public))
    assert set(said) == {"coordinators", "forum"}
    assert "/invite @konsult" in said["forum"]
    same = errors(admin.fill(coordinators=public, forum=public))
    assert "två olika kanaler" in str(same)


def test_units_and_districts(office: Desk, admin: Person) -> None:
    admin.press("unit.add", view=admin.home())
    assert "Skriv namnet" in str(errors(admin.fill()))
    admin.fill(district="Ågesta", name="Äldreenheten")
    assert "Äldreenheten" in texts(admin.modal())
    admin.press("unit.add")
    taken = errors(admin.fill(district="Ågesta", name="En till"))
    assert taken
    unit = office.town.see(lambda s: s.scalars(select(Unit).where(Unit.name == "Äldreenheten")).one())
    assert unit.district_id is not None
    assert office.town.see(lambda s: s.scalars(select(Unit).where(Unit.name == "En till")).all()) == []


def test_a_member_is_found_by_address_or_chosen_by_account(office: Desk, admin: Person) -> None:
    office._workspace.add_user(id="U0EVA", name="eva", real_name="Eva Ek", email="eva@exempel.se")
    admin.press("member.add", view=admin.home())
    assert errors(admin.fill(name="Eva Ek", email="inte en adress")).keys() == {"email"}
    assert errors(admin.fill(capacity="1"))
    admin.fill(name="Eva Ek", email="eva@exempel.se")
    assert "här i Slack" in texts(admin.modal())
    person = office.town.see(lambda s: s.scalar(select(Identity.person_id).where(Identity.user == "U0EVA")))
    assert office.town.see(lambda s: s.scalars(select(Member.person_id)).one()) == person

    admin.press("member.add")
    assert errors(admin.fill(user="U0EVA"))


def test_settings_are_checked_field_by_field_and_saved(office: Desk, admin: Person) -> None:
    admin.press("settings.open", view=admin.home())
    assert errors(admin.fill(reminder_days="9", offer_days="5")).keys() == {"reminder_days"}
    assert errors(admin.fill(quiet_periods="jul; 12-21")).keys() == {"quiet_periods"}
    assert errors(admin.fill(reminder_days="3", quiet_periods="jul; Christmas; 12-99; 01-06")).keys() == {
        "quiet_periods"
    }
    assert errors(admin.fill(zone="Europa/Stockholm")).keys() == {"zone"}
    assert errors(admin.fill(zone="Europe/Stockholm", terms="Ring 19811218-9876")).keys() == {"terms"}
    admin.fill(
        terms="Fritt för stadens egna.",
        digest_weekday="3",
        digest_silence="line",
        feedback_months="3, 9",
        quiet_periods="jul; Christmas; 12-21; 01-06",
    )
    assert admin.modal() is None
    saved = office.town.see(lambda s: s.get_one(Organisation, office.town.id))
    assert (saved.terms, saved.digest_weekday, saved.feedback_months) == ("Fritt för stadens egna.", 3, [3, 9])
    assert saved.quiet_periods == [{"name": {"sv": "jul", "en": "Christmas"}, "from": "12-21", "to": "01-06"}]


def test_a_role_is_taken_back_but_never_the_last(office: Desk, admin: Person) -> None:
    person = office.town.see(pickers.managing, office.town.id)[0][0]
    admin.press("settings.appoint", view=admin.home())
    admin.press(f"settings.dismiss:{person}:administrator")
    said = opens(admin, "Ett meddelande")
    assert said["blocks"]
    assert len(office.town.see(pickers.managing, office.town.id)) == 1


def test_others_are_refused(office: Desk, admin: Person) -> None:
    home = admin.home()
    person = office.town.see(pickers.managing, office.town.id)[0][0]
    office.town.do(lambda s: _forget_role(s, person))
    for action in ("settings.appoint", "settings.channels", "unit.add", "member.add", "settings.open"):
        admin.press(action, view=home)
        opens(admin, "Ett meddelande")
        admin.close()


def _forget_role(session: Any, person_id: int) -> None:
    for role in session.scalars(select(Role).where(Role.person_id == person_id, Role.kind == "administrator")):
        session.delete(role)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_view_keeps_to_slacks_rules_with_long_names(database: Database, language: str) -> None:
    town = Town(database, name=LONG[:200], terms=LONG[:1500], terms_en=LONG[:1500], coordinator_title=LONG[:80])
    adam = administrator(town)

    def rename(session: Any) -> None:
        session.get_one(Known, adam.person).name = LONG[:200]

    town.do(rename)
    for _ in range(60):
        town.coordinator(LONG[:200], deputy=True)
    asker = Asker(adam, words(language), "U1", "T1")
    services = services_of(town)
    for view in (
        setup._appoint_view(services, asker),
        setup._channels_view(services, asker),
        adding._unit_view(services, asker),
        adding._member_view(services, asker),
        policy._view(services, asker),
    ):
        assert view_problems(view, surface="modal") == []
        for part in ("title", "submit", "close"):
            assert not view[part]["text"].endswith("…")
