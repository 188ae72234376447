import datetime as dt

import pytest
from sqlalchemy import select

from bot import availability, cases, members, offers, organisations, registration
from bot.actors import Actor
from bot.refusals import Invalid, NotAllowed, NotFound
from models.case import AnswerKind, Case, Help
from models.database import Database
from models.forms import Asking, Away, Profile, Question
from models.life import Status
from models.people import Absence, Conflict, Member, PauseCause, RoleKind
from tests.directory.city import NOW, City, city_in, found_city

DAY = dt.timedelta(days=1)
TODAY = NOW.date()


def with_member(database: Database) -> tuple[City, int, Actor]:
    """A city with a member in the chat, who has capacity 2."""
    with database.writing() as session:
        city = found_city(session)
        member_id = members.add(session, city.coordinator, "Rut Alm", "rut@uni.example", Profile(title="docent"))
        rut = registration.arrive(session, "slack", "T1", "URUT", "Rut Alm", "rut@uni.example", "sv-SE")
        assert members.own(session, rut) == member_id
        return city, member_id, rut


def test_a_profile_changes_once_and_bumps_the_version_once(database: Database) -> None:
    _, member_id, rut = with_member(database)
    form = Profile(keywords=["DUR", " dur ", "", "LSS  boende"], bio="Forskar.", languages=["sv", "en"])
    with database.writing() as session:
        before = session.get_one(Member, member_id).version
        members.update_profile(session, rut, member_id, form)
        members.update_profile(session, rut, member_id, form)
        member = session.get_one(Member, member_id)
        assert member.version == before + 1
        assert member.keywords == ["DUR", "LSS boende"]
        assert members.profile(session, rut.organisation_id, member_id).bio == "Forskar."


def test_only_the_member_and_coordinators_change_anything(database: Database) -> None:
    city, member_id, rut = with_member(database)
    with database.writing() as session:
        absence_id = availability.away(session, rut, member_id, Away(first_day=TODAY, last_day=TODAY), NOW)
        members.declare_conflict(session, rut, member_id, NOW, district_id=city.district_id)
        (tie,) = members.ties(session, member_id)
        assert city.anna.person_id is not None
        assert rut.person_id is not None
        for stranger in (city.anna, city.anna.for_person(rut.person_id, "says so")):
            for act in (
                lambda s=stranger: members.update_profile(session, s, member_id, Profile()),
                lambda s=stranger: availability.pause(session, s, member_id, NOW),
                lambda s=stranger: availability.resume(session, s, member_id, NOW),
                lambda s=stranger: availability.away(session, s, member_id, Away(first_day=TODAY, last_day=TODAY), NOW),
                lambda s=stranger: availability.end_absence(session, s, absence_id, NOW),
                lambda s=stranger: members.declare_conflict(session, s, member_id, NOW, district_id=city.district_id),
                lambda s=stranger: members.remove_conflict(session, s, tie.id),
                lambda s=stranger: members.leave(session, s, member_id, NOW),
                lambda s=stranger: members.add(session, s, "Ny", None, Profile()),
            ):
                with pytest.raises(NotAllowed):
                    act()


def test_another_citys_coordinator_does_not_even_find_the_member(database: Database) -> None:
    _, member_id, _ = with_member(database)
    other = city_in(database, "T2", "Storstad")
    with database.writing() as session, pytest.raises(NotFound):
        availability.pause(session, other.coordinator, member_id, NOW)


def test_pausing_says_whose_wish_it_was_and_resuming_ends_it_all(database: Database) -> None:
    city, member_id, rut = with_member(database)
    with database.writing() as session:
        member = session.get_one(Member, member_id)
        availability.pause(session, rut, member_id, NOW)
        availability.pause(session, city.coordinator, member_id, NOW + DAY)
        assert (member.paused_at, member.paused_by) == (NOW, PauseCause.OWN)
        member.ask_again_from = TODAY + 30 * DAY
        availability.resume(session, rut, member_id, NOW)
        assert (member.paused_at, member.paused_by, member.ask_again_from) == (None, None, None)
        availability.pause(session, city.coordinator, member_id, NOW)
        assert member.paused_by is PauseCause.COORDINATOR


def test_days_away_that_touch_are_one_absence(database: Database) -> None:
    _, member_id, rut = with_member(database)

    def days(first: int, last: int) -> Away:
        return Away(first_day=TODAY + first * DAY, last_day=TODAY + last * DAY)

    with database.writing() as session:
        first = availability.away(session, rut, member_id, days(1, 3), NOW)
        availability.away(session, rut, member_id, days(8, 9), NOW)
        assert availability.away(session, rut, member_id, days(4, 7), NOW) == first
        assert availability.absences(session, member_id, TODAY) == [(first, days(1, 9))]
        with pytest.raises(Invalid, match="days_passed"):
            availability.away(session, rut, member_id, days(-3, -1), NOW)


def test_who_is_back_early_is_back(database: Database) -> None:
    _, member_id, rut = with_member(database)
    with database.writing() as session:
        begun = availability.away(
            session, rut, member_id, Away(first_day=TODAY - 5 * DAY, last_day=TODAY + 5 * DAY), NOW
        )
        availability.end_absence(session, rut, begun, NOW)
        assert session.get_one(Absence, begun).last_day == TODAY - DAY
        coming = availability.away(
            session, rut, member_id, Away(first_day=TODAY + 20 * DAY, last_day=TODAY + 21 * DAY), NOW
        )
        availability.end_absence(session, rut, coming, NOW)
        assert availability.absences(session, member_id, TODAY) == []
        with pytest.raises(NotFound):
            availability.end_absence(session, rut, coming, NOW)


def test_midnight_is_the_organisations(database: Database) -> None:
    _, member_id, rut = with_member(database)
    half_past_midnight = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)
    yesterday = Away(first_day=dt.date(2026, 3, 10), last_day=dt.date(2026, 3, 10))
    with database.writing() as session, pytest.raises(Invalid, match="days_passed"):
        availability.away(session, rut, member_id, yesterday, half_past_midnight)


def test_a_tie_is_declared_once_to_one_thing(database: Database) -> None:
    city, member_id, rut = with_member(database)
    with database.writing() as session:
        for _ in range(2):
            members.declare_conflict(session, rut, member_id, NOW, district_id=city.district_id)
            members.declare_conflict(session, rut, member_id, NOW, person_id=city.anna.person_id)
        assert [tie.name for tie in members.ties(session, member_id)] == ["Ekby", "Anna Hed"]
        with pytest.raises(Invalid, match="tie_to_one"):
            members.declare_conflict(session, rut, member_id, NOW)
        with pytest.raises(Invalid, match="district_unknown"):
            members.declare_conflict(session, rut, member_id, NOW, district_id=10**6)
        with pytest.raises(Invalid, match="person_unknown"):
            members.declare_conflict(session, rut, member_id, NOW, person_id=10**6)
        for tie in members.ties(session, member_id):
            members.remove_conflict(session, rut, tie.id)
        assert session.scalars(select(Conflict)).all() == []


def test_somebody_known_becomes_a_member_and_nobody_twice(database: Database) -> None:
    city, member_id, _ = with_member(database)
    with database.writing() as session:
        known = members.add(session, city.coordinator, "Anna Hed", "ANNA@lillstad.example", Profile())
        assert session.get_one(Member, known).person_id == city.anna.person_id
        with pytest.raises(Invalid, match="member_exists"):
            members.add(session, city.coordinator, "Rut", "rut@uni.example", Profile())
        with pytest.raises(Invalid, match="name_length"):
            members.add(session, city.coordinator, "  ", None, Profile())
        with pytest.raises(Invalid, match="university_unknown"):
            members.add(session, city.coordinator, "Ny", None, Profile(university_id=10**6))
        members.leave(session, city.coordinator, member_id, NOW)
        assert members.add(session, city.coordinator, "Rut Alm", "rut@uni.example", Profile()) == member_id
        assert session.get_one(Member, member_id).left_at is None


def test_an_administrator_may_add_members(database: Database) -> None:
    city, _, _ = with_member(database)
    with database.writing() as session:
        organisations.appoint(session, city.coordinator, city.anna.person_id or 0, RoleKind.ADMINISTRATOR, NOW)
        assert members.add(session, city.anna, "Ny Ledamot", None, Profile())


@pytest.mark.parametrize("by", ["themself", "coordinator"])
def test_who_leaves_leaves_no_question_behind(database: Database, by: str) -> None:
    city, member_id, rut = with_member(database)
    with database.writing() as session:
        registration.register(session, city.anna, city.unit_id, NOW)
        filed = []
        for title in ("Första frågan", "Andra frågan"):
            question = Question(
                title=title,
                question="Hur följer vi upp en ny insats?",
                help=Help.EVALUATION,
                answer_kind=AnswerKind.MEETING,
                unit_id=city.unit_id,
            )
            filed.append(cases.file(session, city.anna, question, NOW).case_id)
        for case_id in filed:
            offers.ask(session, city.coordinator, case_id, Asking(member_ids=[member_id]), NOW)
        accepted = session.execute(select(offers.Offer.id).where(offers.Offer.case_id == filed[0])).scalar_one()
        offers.accept(session, rut, accepted, NOW)
        members.leave(session, rut if by == "themself" else city.coordinator, member_id, NOW + DAY)
        assert {session.get_one(Case, case_id).status for case_id in filed} == {Status.SUBMITTED}
        assert members.own(session, rut) is None
        with pytest.raises(NotFound):
            availability.resume(session, rut, member_id, NOW)
