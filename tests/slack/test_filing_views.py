"""Whatever people write, every view of filing and of the lists stays within Slack's limits."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import drafts, filing
from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.wording import LANGUAGES, words
from bot.workspace.validation import view_problems
from handlers.slack import commands, consult, lists, question, registering, review
from handlers.slack.asker import Asker
from handlers.slack.blocks import Block
from models.case import AnswerKind, Help
from models.database import Database
from models.forms import Question
from models.organisation import Area, Choosing, Organisation
from tests.factories import Inhabitant, Town

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=3500)
ANY = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LONG = ("vräkning", "@housing", '"' * 120)
PINGS = "<!channel> <@U1> & <!here>" * 130


class Desk:
    """A town with long names and a full house, and who sits at the desk."""

    def __init__(self, database: Database) -> None:
        self.town = town = Town(database)
        self.services = Services(database, Clock(), Suggester())
        with database.writing() as session:
            session.add(Area(organisation_id=town.id, code="a", name="Å" * 75, name_en="A" * 75))
        self.anna = town.requester()
        self.maj = town.coordinator()
        self.lena = town.member("L" * 200, title="T" * 200, keywords=["boendestöd " * 7] * 20)
        for _ in range(12):
            town.file(self.anna, title="B" * 150, question=f"boendestöd {PINGS}"[:3000])

    def asker(self, person: Inhabitant, language: str) -> Asker:
        return Asker(person, words(language), "U1", "T1")


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    database = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    yield Desk(database)
    database.close()


def sound(view: Block) -> None:
    assert view_problems(view, surface="modal") == []
    assert not [text for text in mrkdwn(view) if "<!" in text or "<@" in text]


def mrkdwn(part: Any) -> Iterator[str]:
    """Every text in which signs have a meaning."""
    if isinstance(part, list):
        for each in part:
            yield from mrkdwn(each)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for each in part.values():
            yield from mrkdwn(each)


@ANY
@example(text=PINGS, language="sv")
@given(text=TEXT, language=st.sampled_from(LANGUAGES))
def test_the_form_and_its_drafts(desk: Desk, text: str, language: str) -> None:
    for person in (desk.anna, desk.maj, desk.lena):
        asker = desk.asker(person, language)
        sound(consult.first_view(desk.services, asker, text))
        sound(registering.view(asker, None, text))
        with desk.town.database.writing() as session:
            draft_id = drafts.begin(session, asker.actor, {"title": text, "question": text}, desk.town.now)
            sound(consult.form_view(session, asker, {"title": text, "dnr": text, "links": text}, draft_id, text))
            session.rollback()


@ANY
@example(text=PINGS, choosing=Choosing.REQUESTER, language="en")
@given(text=TEXT, choosing=st.sampled_from(Choosing), language=st.sampled_from(LANGUAGES))
def test_the_last_step(desk: Desk, text: str, choosing: Choosing, language: str) -> None:
    with desk.town.database.writing() as session:
        session.get_one(Organisation, desk.town.id).choosing = choosing
    form = Question.model_construct(
        title=f"Boendestöd {text}"[:150],
        question=f"boendestöd {text}"[:3000],
        help=Help.ETHICS,
        answer_kind=AnswerKind.REVIEW,
        unit_id=desk.town.units["Familjerådgivningen"],
        other_unit_ids=[],
        wanted_by=desk.town.today,
        shown=False,
    )
    spoken = question.Spoken(requester_id=desk.anna.person, source="ringde")
    for topics in ((), ("vräkning", "@housing", *(f"x{number}" for number in range(8)))):
        chosen = filing.Chosen((desk.lena.member,), topics)
        sound(review.view(desk.services, desk.asker(desk.maj, language), 1, form, spoken, chosen))


@ANY
@example(text="boendestöd", language="sv")
@example(text=PINGS, language="en")
@given(text=TEXT, language=st.sampled_from(LANGUAGES))
def test_every_list_and_everything_typed_after_the_command(desk: Desk, text: str, language: str) -> None:
    for person in (desk.anna, desk.maj, desk.lena):
        asker = desk.asker(person, language)
        for view in (
            lists.mine_view(desk.services, asker),
            lists.search_view(desk.services, asker, text),
            lists.status_view(desk.services, asker),
            lists.members_view(desk.services, asker, text),
            lists.page_view(desk.services, asker, lists.Turning(kind=lists.Kind.MEMBERS, query=text, topics=LONG)),
            commands.view_for(desk.services, asker, "hjälp"),
            commands.view_for(desk.services, asker, f"staus {text[:60]}"),
            commands.view_for(desk.services, asker, f"sök {text}"),
        ):
            sound(view)
