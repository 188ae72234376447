"""The weekly digest as the forum reads it: within the limits whatever it tells, and posted by hand from its preview."""

import datetime as dt
from dataclasses import replace

import pytest

from bot import digest
from bot.news import DigestContent, Entry, Section, SpanNumbers
from bot.wording import words
from bot.workdays import IsoWeek
from bot.workspace import block_problems, view_problems
from handlers.slack import blocks
from handlers.slack.asker import Asker
from handlers.slack.digest import letter, preview_view
from models.case import CaseOutcome
from models.database import Database
from models.life import Act, Status
from models.organisation import Organisation, Silence
from tests.factories import Town
from tests.slack.desk import desk, opens, read, rendered, sees, services_of
from tests.slack.story import Story
from tests.slack.town_hall import texts

NOW = dt.datetime(2026, 3, 9, 7, tzinfo=dt.UTC)
NASTY = "<!channel> & *å* \n> `x` <@U1>" * 200


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


def full() -> DigestContent:
    """Every section full of the longest that there can be."""
    entry = Entry(
        case_id=1,
        number=99_999,
        title=NASTY[:150],
        unit=NASTY[:402],
        status=Status.ACTIVE,
        filed_at=NOW,
        wanted_by=NOW.date(),
        changes=tuple(Act),
        outcome=CaseOutcome.COMMISSION,
        lesson=NASTY[:2000],
        members=(NASTY[:200],) * 3,
    )
    section = Section((entry,) * 8, more=1234, hidden=1)
    week = IsoWeek(2026, 11, "Europe/Stockholm")
    return DigestContent(
        week, NOW - dt.timedelta(days=20), NOW, *(section,) * 7, numbers=SpanNumbers(1, 2, 3, 4, 5, 6, 7)
    )


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("status", list(Status))
def test_the_fullest_letter_stays_within_a_message_and_nothing_is_cut_away(language: str, status: Status) -> None:
    content = full()
    entries = tuple(replace(each, status=status) for each in content.new.entries)
    content = replace(content, new=replace(content.new, entries=entries))
    shown = letter(words(language), content)
    assert len(shown) <= 50
    assert block_problems(blocks.message("x", shown).blocks) == []
    said = texts({"blocks": shown})
    assert "<!channel>" not in said
    assert "<@U1>" not in said
    assert words(language)("digest.footer") in said


@pytest.mark.parametrize("act", sorted({Act.ACCEPT, Act.RELEASE, Act.REASSIGN, Act.NOTE, Act.PAUSE, Act.REOPEN}))
def test_what_changed_is_told(act: Act) -> None:
    content = full()
    entries = (replace(content.under_way.entries[0], changes=(act,)),)
    said = texts({"blocks": letter(words("sv"), replace(content, under_way=Section(entries, 0, 0)))})
    assert words("sv")(f"digest.change_{act}") in said


def test_a_week_with_a_lesson_is_told_with_it(database: Database) -> None:
    town = Town(database)
    story = Story(town)
    case_id = town.active(story.anna, story.maj, story.lena, title="Mäta boendestöd")
    town.close(story.anna, case_id, story.lena, lesson="Mät före & efter.")
    story.filed()
    town.file(story.anna, "Något hemligt", shown=False)
    decided = town.do(digest.post_now, story.maj, town.now + dt.timedelta(hours=1))
    said = read(rendered(town, "digest", None, subject_id=decided.id, receiver="channel:forum"))
    assert "Mäta boendestöd" in said
    assert "> Mät före &amp; efter." in said
    assert "Något hemligt" not in said
    assert "1 konsultation visas inte i forumet" in said


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_silent_week_has_a_friendly_line(database: Database, language: str) -> None:
    town = Town(database, digest_silence=Silence.LINE)
    decided = town.do(lambda session: digest.decide(session, session.get_one(Organisation, town.id), town.now))
    message = rendered(town, "digest", None, subject_id=decided.id, receiver="channel:forum", language=language)
    assert len(message.blocks) == 2
    assert words(language)("digest.line_silent", week=words(language).week(decided_week(decided))) in read(message)


def decided_week(decided: digest.Digest) -> IsoWeek:
    return IsoWeek(decided.year, decided.week, "Europe/Stockholm")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_preview_keeps_to_the_rules(database: Database, language: str) -> None:
    town = Town(database)
    story = Story(town)
    story.filed()
    view = preview_view(services_of(town), Asker(story.maj, words(language), "U1", "T1"))
    assert view_problems(view, surface="modal") == []


def test_a_coordinator_posts_it_once_and_the_forum_reads_it(database: Database) -> None:
    with desk(database) as office:
        story = Story(office.town)
        story.filed()
        office.town.now += dt.timedelta(hours=1)
        office.move_in()
        maj = office.screen(story.maj)
        forum = next(each["id"] for each in office._workspace.channels() if each["name"] == "forum")
        office._workspace.invite(forum, maj.user)
        maj.command("/consult veckobrev")
        assert "Så här ser veckobrevet ut" in texts(maj.modal())
        maj.press("digest.post")
        opens(maj, "på väg till forumets kanal")
        assert "Boendestöd och hemlöshet" in texts(sees(maj, "Veckobrev", channel="forum"))
        maj.close()
        maj.command("/consult veckobrev")
        maj.press("digest.post")
        opens(maj, "Ett meddelande")
        assert len([m for m in maj.messages("forum") if "Veckobrev" in texts(m)]) == 1

        anna = office.screen(story.anna)
        anna.command("/consult veckobrev")
        assert "Ett meddelande" in texts(anna.modal())
