"""A member's profile: changed by themselves, by a coordinator, and by nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot import availability
from bot.matching.taxonomy import standard
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

EVERYTHING = ". ".join(standard().concepts)[:3000]
LONG = "Å<!channel> & *fet*" * 300


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


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


def test_keywords_are_suggested_from_the_rest_of_the_profile_and_added_when_ticked(office: Desk) -> None:
    story = Story(office.town)
    office.move_in()
    lena = office.screen(story.lena)
    lena.command("/consult profil")
    typed = {
        "title": "Lektor",
        "bio": "Jag forskar om vräkning och hemlöshet.",
        "publications": "Domestic violence and housing\nNågot annat",
        "keywords": "hemlöshet\neget ord",
    }
    lena.press("profile.keywords", filled=typed)
    view = opens(lena, "Förslag på nyckelord")
    below = [block["block_id"] for block in view["blocks"]]
    assert below[below.index("keywords") + 2] == "suggested"
    boxes = view["blocks"][below.index("suggested")]["element"]
    offered = [each["value"] for each in boxes["options"]]
    assert {"vräkning", "våld i nära relationer"} <= set(offered)
    assert "hemlöshet" not in offered
    kept = {name: each["value"]["value"] for name, each in view["state"]["values"].items() if name in typed}
    assert kept == typed
    assert row(office.town, story.lena).keywords == ["hemlöshet", "boendestöd"]

    lena.press("profile.keywords", filled={"suggested": ["vräkning"], "keywords": "hemlöshet\nvåld i nära relationer"})
    again = opens(lena, "Förslag på nyckelord")
    assert "våld i nära relationer" not in str([block for block in again["blocks"] if block["block_id"] == "suggested"])
    lena.press("profile.pause", filled={"suggested": ["vräkning"]})
    opens(lena, "Pausad på egen begäran", "Förslag på nyckelord")
    lena.fill()
    assert lena.modal() is None
    changed = row(office.town, story.lena)
    assert changed.keywords == ["hemlöshet", "våld i nära relationer", "vräkning"]
    assert (changed.title, changed.bio) == ("Lektor", typed["bio"])


def test_when_there_is_nothing_more_to_suggest_it_says_so(office: Desk) -> None:
    story = Story(office.town)
    office.move_in()
    siv = office.screen(story.siv)
    siv.command("/consult profil")
    siv.press("profile.keywords", filled={"bio": "Jag tycker om att skriva."})
    opens(siv, "Vi hittar inga fler nyckelord")
    siv.fill()
    assert row(office.town, story.siv).keywords == ["hemlöshet"]


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
        profile.profile_view(services_of(town), asker, given={"bio": EVERYTHING, "suggested": ["x" * 75]}),
        portrait.away_view(asker.words, lena.member),
        portrait.tie_view(asker.words, lena.member),
    ):
        assert view_problems(view, surface="modal") == []
        for part in ("title", "submit", "close"):
            assert not view[part]["text"].endswith("…")
