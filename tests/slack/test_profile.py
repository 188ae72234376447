"""A member's profile: changed by themselves, by a coordinator, and by nobody else."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import availability
from bot.refusals import NotAllowed
from bot.wording import words
from bot.workspace import view_problems
from handlers.slack import portrait, profile
from handlers.slack.asker import Asker
from models.database import Database
from models.people import Conflict, Member
from models.people import Person as Known
from tests.factories import Inhabitant, Town
from tests.slack.desk import Desk, desk, opens, services_of
from tests.slack.story import Story
from tests.slack.town_hall import texts

LONG = "Å<!channel> & *fet*" * 300


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    made = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    yield made
    made.close()


@pytest.fixture
def office(database: Database) -> Iterator[Desk]:
    with desk(database) as made:
        yield made


def row(town: Town, member: Inhabitant) -> Member:
    return town.see(lambda session: session.get_one(Member, member.member))


def ties(town: Town) -> list[Conflict]:
    return town.see(lambda session: list(session.scalars(select(Conflict))))


def test_a_member_changes_pauses_goes_away_and_declares_a_tie(office: Desk) -> None:
    town, story = office.town, Story(office.town)
    office.move_in()
    lena = office.screen(story.lena)
    lena.command("/consult profil")
    view = lena.modal()
    assert "hemlöshet" in str(view)

    lena.press("profile.pause")
    opens(lena, "Pausad på egen begäran")
    lena.press("profile.resume")
    opens(lena, "Tar emot nya frågor")

    lena.press("profile.away")
    said = lena.fill(first_day="2026-03-20", last_day="2026-03-10")
    assert said["errors"]
    assert lena.fill(first_day="2020-03-02", last_day="2020-03-10")["errors"].keys() == {"last_day"}
    lena.fill(first_day="2026-03-10", last_day="2026-03-20")
    opens(lena, "Borta 10 mars 2026 – 20 mars 2026")

    lena.press("profile.conflict")
    assert lena.fill()["errors"]
    farsta = str(town.districts["Farsta"])
    lena.fill(district_id={"value": farsta, "text": {"type": "plain_text", "text": "Farsta"}})
    opens(lena, "Jäv eller annan bindning: Farsta")
    lena.press(f"profile.conflict_end:{ties(town)[0].id}")
    lena.wait_for(lambda: "Farsta" not in texts(lena.modal()))
    assert ties(town) == []

    absence = town.see(availability.absences, story.lena.member, town.today)[0][0]
    lena.press(f"profile.back:{absence}")
    lena.wait_for(lambda: "Borta 10 mars" not in texts(lena.modal()))

    assert lena.fill(bio="Ring 19811218-9876")["errors"].keys() == {"bio"}
    lena.fill(bio="Jag forskar om hem.", keywords="hem\nHem\n barn ", capacity="3", languages=["sv", "en"])
    assert lena.modal() is None
    changed = row(town, story.lena)
    assert (changed.bio, changed.keywords, changed.capacity) == ("Jag forskar om hem.", ["hem", "barn"], 3)
    assert changed.languages == ["sv", "en"]


def test_a_paused_member_is_back_with_one_click_on_the_command(office: Desk) -> None:
    story = Story(office.town)
    office.move_in()
    lena = office.screen(story.lena)
    lena.command("/consult paus")
    assert row(office.town, story.lena).paused_at is not None
    lena.press("profile.resume")
    opens(lena, "Tar emot nya frågor")
    assert row(office.town, story.lena).paused_at is None


def test_a_coordinator_may_open_any_profile_and_others_only_their_own(database: Database) -> None:
    town = Town(database)
    story = Story(town)
    services = services_of(town)
    view = profile.profile_view(services, Asker(story.maj, words("sv"), "U", "T"), story.per.member)
    assert "Per Palm" in texts(view)
    for stranger in (story.lena, story.anna):
        with pytest.raises(NotAllowed):
            profile.profile_view(services, Asker(stranger, words("sv"), "U", "T"), story.per.member)
    assert "Bara akademins ledamöter" in texts(profile.profile_view(services, Asker(story.anna, words("sv"), "U", "T")))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_longest_profile_keeps_to_slacks_rules(database: Database, language: str) -> None:
    town = Town(database)
    lena = town.member(
        LONG[:200],
        title=LONG[:200],
        bio=LONG[:3000],
        keywords=[LONG[:80]] * 40,
        publications=[LONG[:1000]] * 40,
        languages=["sv", "xx", "yy", "zz", "en"],
        capacity=20,
    )

    def tie(session: Any) -> None:
        for _ in range(12):
            person = Known(name=LONG[:200], sort_key="å")
            session.add(person)
            session.flush()
            row = Conflict(organisation_id=town.id, member_id=lena.member, person_id=person.id, declared_at=town.now)
            session.add(row)

    town.do(tie)
    asker = Asker(lena, words(language), "U", "T")
    for view in (
        profile.profile_view(services_of(town), asker),
        portrait.away_view(asker.words, lena.member),
        portrait.tie_view(asker.words, lena.member),
    ):
        assert view_problems(view, surface="modal") == []
        for part in ("title", "submit", "close"):
            assert not view[part]["text"].endswith("…")
