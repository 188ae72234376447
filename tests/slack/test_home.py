"""App Home, for each of the roles that a person may have, and for somebody who is nothing yet."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event, select

from bot import answers, cases, members, registration
from bot.surfaces import Delivery
from bot.workspace import Person, view_problems
from handlers.slack.app import renderers
from handlers.slack.blocks import home
from handlers.slack.rendering import scene
from models.database import Database
from models.forms import Clarification, Closing
from models.job import Job, JobKind, JobState
from models.life import Status
from models.people import Identity, PauseCause, Role, RoleKind
from models.people import Member as MemberRow
from models.people import Person as Known
from tests.factories import Inhabitant, Town
from tests.slack.desk import Desk, desk, services_of
from tests.slack.story import Story
from tests.slack.town_hall import texts

LONG = "Å<!channel> & *fet* _kursiv_ `kod` <@U1>\u2028" * 200


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def office(database: Database) -> Iterator[Desk]:
    with desk(database) as made:
        yield made


def opened(screen: Person) -> dict[str, object]:
    """The home view once it has been opened and brought."""
    screen.open_home()
    return screen.wait_for(screen.home)


def shown_to(town: Town, person_id: int, language: str = "sv") -> dict[str, object]:
    """The home as it would be published now; held against Slack's rules."""

    def speak(session: object) -> None:
        session.get_one(Known, person_id).language = language  # type: ignore[attr-defined]

    town.do(speak)
    delivery = Delivery(
        organisation_id=town.id,
        job_id=0,
        kind=JobKind.SHOW,
        name="home",
        key=f"home:{person_id}",
        surface="slack",
        receiver=f"home:{person_id}",
        address=None,
        place=None,
        case_id=None,
        event_id=None,
        subject_id=person_id,
        data={},
    )
    services = services_of(town)
    with town.database.reading() as session:
        message = renderers()["home"](scene(services, session, delivery))
    assert message is not None
    view = home(message.blocks)
    assert view_problems(view, surface="home") == []
    assert len(message.blocks) <= 100
    assert "<!channel>" not in str(view)
    return view


def everything(town: Town) -> Inhabitant:
    """Somebody who is requester, member and coordinator at once, with more of everything than is shown."""
    story = Story(town)
    anna = town.requester("Anna Ask")
    member_id = town.do(
        lambda session: members.admit(session, town.id, anna.person).id  # the same person is a member, too
    )
    whole = Inhabitant(town.id, anna.person, member_id=member_id)

    def promote(session: object) -> None:
        for kind in (RoleKind.COORDINATOR, RoleKind.ADMINISTRATOR):
            session.add(Role(organisation_id=town.id, person_id=anna.person, kind=kind))  # type: ignore[attr-defined]

    town.do(promote)
    for status in (Status.SUBMITTED, Status.CLARIFYING, Status.CLOSED):
        for _ in range(6):
            case_id = town.file(whole, LONG[:150], LONG[:2500]).case_id
            if status is Status.CLARIFYING:
                town.do(cases.clarify, story.maj, case_id, Clarification(text="Mer"), town.now)
            if status is Status.CLOSED:
                town.do(
                    answers.close, story.maj, case_id, Closing(outcome="not_possible", lesson=LONG[:1000]), town.now
                )
    for _ in range(6):
        town.ask(story.maj, town.file(story.anna, LONG[:150]).case_id, whole)
        town.active(story.anna, story.maj, whole)
        town.member(LONG[:200], chat=False, paused_at=town.now, paused_by=PauseCause.UNANSWERED)
        newcomer = town.requester(LONG[:200])
        assert newcomer
    return whole


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_home_with_more_of_everything_stays_within_the_limits(database: Database, language: str) -> None:
    town = Town(database, name=LONG[:200])
    whole = everything(town)
    said = texts(shown_to(town, whole.person, language))
    assert ("Och 2 till" if language == "sv" else "And 2 more") in said


def test_a_home_reads_the_same_number_of_statements_however_much_there_is(database: Database) -> None:
    town = Town(database)
    story = Story(town)
    few = statements(town, story.maj.person)
    for _ in range(4):
        story.filed()
        town.member(chat=False, paused_at=town.now, paused_by=PauseCause.UNANSWERED)
    assert statements(town, story.maj.person) - few <= 4
    many = statements(town, story.maj.person)
    for _ in range(8):
        story.filed()
        town.member(chat=False, paused_at=town.now, paused_by=PauseCause.UNANSWERED)
    assert statements(town, story.maj.person) == many


def statements(town: Town, person_id: int) -> int:
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = town.see(lambda session: session.get_bind())
    event.listen(engine, "before_cursor_execute", count)
    try:
        shown_to(town, person_id)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_somebody_new_is_told_what_this_is(office: Desk) -> None:
    office._workspace.add_user(id="U0NEW", name="nadja", real_name="Nadja Nyberg")
    nadja = Person(office._server, "U0NEW")
    said = texts(opened(nadja))
    assert "Välkommen. Genom konsult" in said
    assert "Begär konsultation" in said
    assert "Att fördela" not in said
    nadja.press("file.open", view=nadja.home())
    assert nadja.modal() is not None


def test_a_member_answers_pauses_and_comes_back_from_home(office: Desk) -> None:
    story = Story(office.town)
    case_id = story.filed()
    office.town.ask(story.maj, case_id, story.lena)
    office.move_in()
    lena = office.screen(story.lena)
    said = texts(opened(lena))
    assert "Frågor till dig" in said
    assert "Tar emot nya frågor" in said

    lena.press("profile.pause", view=lena.home())
    lena.wait_for(lambda: "Pausad på egen begäran" in texts(lena.home()))
    lena.press("profile.resume", view=lena.home())
    lena.wait_for(lambda: "Tar emot nya frågor" in texts(lena.home()))
    lena.press("offer.accept", view=lena.home())
    lena.wait_for(lambda: "Frågor till dig" not in texts(lena.home()))
    assert "Boendestöd och hemlöshet" in texts(lena.home())


def test_a_coordinator_distributes_confirms_and_sees_who_is_silent(office: Desk) -> None:
    story = Story(office.town)
    story.filed()
    with office.town.database.writing() as session:
        anna = session.scalars(select(Role).where(Role.person_id == story.anna.person)).one()
        anna.confirmed_at = None
    office.town.member("Tyst Tall", paused_at=office.town.now, paused_by=PauseCause.UNANSWERED)
    office.move_in()
    maj = office.screen(story.maj)
    said = texts(opened(maj))
    for part in ("Att fördela", "Nya kontaktpersoner att bekräfta", "Tyst Tall", "Per Palm", "Veckan i siffror"):
        assert part in said
    maj.press(f"requester.confirm:{story.anna.person}", view=maj.home())
    maj.wait_for(lambda: "Nya kontaktpersoner" not in texts(maj.home()))
    assert office.town.see(registration.unconfirmed, office.town.id) == []
    silent = office.town.see(lambda s: s.scalar(select(MemberRow.id).where(MemberRow.paused_by == "unanswered")))
    maj.press(f"member.open:{silent}", view=maj.home())
    assert "Tyst Tall" in texts(maj.modal())


def test_who_leaves_the_chat_is_told_through_the_coordinators_until_they_are_back(office: Desk) -> None:
    story = Story(office.town)
    office.move_in()
    lena = office.screen(story.lena)
    opened(lena)

    def active() -> bool:
        query = select(Identity.active).where(Identity.person_id == story.lena.person)
        return bool(office.town.see(lambda session: session.scalar(query)))

    office._workspace.deactivate_user(lena.user)
    lena.wait_for(lambda: not active())


def joins(office: Desk, user: str, name: str, email: str) -> None:
    """Somebody comes to the workspace, and Slack tells."""
    workspace = office._workspace
    account = {"id": user, "name": name, "real_name": name, "profile": {"real_name": name, "email": email}}
    workspace._done(lambda: workspace._office.events.emit("team_join", {"type": "team_join", "user": account}))


def test_who_joins_is_kept_only_when_expected(office: Desk) -> None:
    expected = office.town.member("Eva Ek", chat=False)

    def has_address(session: object) -> None:
        session.get_one(Known, expected.person).email = "eva@exempel.se"  # type: ignore[attr-defined]

    office.town.do(has_address)
    joins(office, "U0OTHER", "Olle Okänd", "olle@exempel.se")
    joins(office, "U0EVA", "Eva Ek", "Eva@exempel.se")

    def known(user: str) -> int | None:
        query = select(Identity.person_id).where(Identity.user == user)
        return office.town.see(lambda session: session.scalar(query))

    Person(office._server, "U0EVA").wait_for(lambda: known("U0EVA"))
    assert known("U0EVA") == expected.person
    assert known("U0OTHER") is None


def test_a_parked_notice_is_counted(database: Database) -> None:
    town = Town(database)
    story = Story(town)
    story.filed()

    def park(session: object) -> None:
        job = session.scalars(select(Job).limit(1)).one()  # type: ignore[attr-defined]
        job.state = JobState.PARKED

    town.do(park)
    assert "1 meddelande gick inte att leverera" in texts(shown_to(town, story.maj.person))
