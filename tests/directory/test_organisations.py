import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bot import districts, members, organisations, registration
from bot.refusals import Invalid, NotAllowed, NotFound
from bot.wording import words
from models.database import Database
from models.forms import Profile
from models.organisation import Organisation
from models.people import Role, RoleKind
from models.settings_form import OrganisationSettings
from tests.directory.city import NOW, found_city


def test_an_organisation_is_founded_once_with_its_areas(database: Database) -> None:
    with database.writing() as session:
        first = organisations.found(session, "Lillstad")
        assert organisations.found(session, "Lillstad").id == first.id
        areas = districts.areas(session, first.id)
        assert [area.code for area in areas] == [code for code, _, _ in organisations.AREAS]
        assert areas[0].label(words("en")) == "Disability"
        assert organisations.only(session).id == first.id


def test_which_organisation_must_be_said_when_there_are_several(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match="organisation"):
            organisations.only(session)
        organisations.found(session, "Lillstad")
        second = organisations.found(session, "Storstad")
        with pytest.raises(Invalid, match="organisation_which"):
            organisations.only(session)
        assert organisations.only(session, "Storstad").id == second.id


def test_a_workspace_belongs_to_one_organisation(database: Database) -> None:
    with database.writing() as session:
        first, second = organisations.found(session, "A"), organisations.found(session, "B")
        there = organisations.connect(session, first.id, "slack", "T1", "Gamla namnet")
        assert organisations.connect(session, first.id, "slack", "T1", "Nya namnet").id == there.id
        assert there.name == "Nya namnet"
        with pytest.raises(Invalid, match="workspace_taken"):
            organisations.connect(session, second.id, "slack", "T1", "B")


def test_the_first_administrator_is_made_once(database: Database) -> None:
    with database.writing() as session:
        organisation = organisations.found(session, "A")
        organisations.connect(session, organisation.id, "slack", "T1", "A")
        assert organisations.first_admin(session, "slack", "T1", "U1", "Ett", None, "sv-SE", NOW)
        assert not organisations.first_admin(session, "slack", "T1", "U2", "Två", None, "sv-SE", NOW)
        assert not organisations.first_admin(session, "slack", "T1", "U1", "Ett", None, "sv-SE", NOW)
        first = registration.actor_of(session, "slack", "T1", "U1")
        assert session.scalars(select(Role.person_id)).all() == [first and first.person_id]


def test_the_first_day_step_by_step(database: Database) -> None:
    with database.writing() as session:
        organisation = organisations.found(session, "A")
        organisations.connect(session, organisation.id, "slack", "T1", "A")
        organisations.first_admin(session, "slack", "T1", "U1", "Ett", None, "sv-SE", NOW)
        admin = registration.actor_of(session, "slack", "T1", "U1")
        assert admin is not None
        assert admin.person_id is not None
        assert organisations.progress(session, organisation.id) == organisations.Progress(0, 0, False, False, 0, 0, 0)
        organisations.appoint(session, admin, admin.person_id, RoleKind.COORDINATOR, NOW)
        organisations.set_channels(session, admin, coordinators="C1")
        organisations.set_channels(session, admin, forum="C2")
        district_id = districts.add_district(session, admin, "Ekby")
        districts.add_unit(session, admin, "Barn och unga", district_id)
        assert not organisations.progress(session, organisation.id).ready
        members.add(session, admin, "Rut Alm", None, Profile())
        progress = organisations.progress(session, organisation.id)
        assert progress == organisations.Progress(1, 0, True, True, 1, 1, 1)
        assert progress.ready


def test_roles_are_given_and_taken_by_those_who_manage(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        anna = city.anna.person_id or 0
        with pytest.raises(NotAllowed, match="manage"):
            organisations.appoint(session, city.anna, anna, RoleKind.COORDINATOR, NOW)
        with pytest.raises(Invalid, match="requester_registers"):
            organisations.appoint(session, city.coordinator, anna, RoleKind.REQUESTER, NOW)
        with pytest.raises(NotFound, match="person"):
            organisations.appoint(session, city.coordinator, 10**6, RoleKind.DEPUTY, NOW)
        for _ in range(2):
            organisations.appoint(session, city.coordinator, anna, RoleKind.DEPUTY, NOW)
        organisations.dismiss(session, city.anna, city.coordinator.person_id or 0, RoleKind.COORDINATOR)
        with pytest.raises(NotAllowed, match="manage"):
            organisations.dismiss(session, city.coordinator, anna, RoleKind.DEPUTY)
        with pytest.raises(NotAllowed, match="last_manager"):
            organisations.dismiss(session, city.anna, anna, RoleKind.DEPUTY)
        with pytest.raises(NotFound, match="role"):
            organisations.dismiss(session, city.anna, anna, RoleKind.COORDINATOR)


def test_a_stranger_of_another_city_cannot_be_appointed(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        organisation = organisations.found(session, "Storstad")
        organisations.connect(session, organisation.id, "slack", "T2", "Storstad")
        elsewhere = registration.arrive(session, "slack", "T2", "UX", "Xerxes", None, "sv-SE")
        with pytest.raises(NotFound, match="person"):
            organisations.appoint(session, city.coordinator, elsewhere.person_id or 0, RoleKind.DEPUTY, NOW)


def test_settings_are_changed_by_those_who_manage(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        form = OrganisationSettings(
            name="Lillstads kommun",
            offer_days=7,
            feedback_months="12, 6",  # type: ignore[arg-type]
            quiet_periods=[{"name": {"sv": "sportlov", "en": "winter break"}, "from": "02-23", "to": "02-27"}],
        )
        with pytest.raises(NotAllowed):
            organisations.change_settings(session, city.anna, form)
        organisations.change_settings(session, city.coordinator, form)
        assert organisations.settings_of(session, city.organisation_id) == form
        assert session.get_one(Organisation, city.organisation_id).feedback_months == [6, 12]
        organisations.found(session, "Upptagen")
        for changed, field in (
            ({"quiet_periods": [{"from": "02-30"}]}, "quiet_periods"),
            ({"name": "Upptagen"}, "name"),
        ):
            with pytest.raises(Invalid) as refused:
                organisations.change_settings(session, city.coordinator, form.model_copy(update=changed))
            assert refused.value.field == field


@pytest.mark.parametrize(
    "values",
    [
        {"name": " "},
        {"zone": "Europe/Atlantis"},
        {"digest_hour": 2},
        {"digest_weekday": 7},
        {"reminder_days": 5},
        {"triage_reminder_days": 5},
        {"feedback_months": [0]},
        {"language": "fi"},
        {"terms": "19121212-1212"},
    ],
)
def test_settings_that_cannot_be_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OrganisationSettings.model_validate({"name": "Lillstad"} | values)
