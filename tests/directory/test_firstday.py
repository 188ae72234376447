"""What the settings name is made once, also when several processes start at the same moment."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from bot import firstday
from models.database import Database
from models.organisation import Organisation, Workspace
from models.people import Person, Role, RoleKind

AT = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)


def connects(session: Session) -> None:
    firstday.connect(session, "slack", "T1", "Provstad", "Provstad")


def names_a_coordinator(session: Session) -> None:
    firstday.name(session, 1, 1, RoleKind.COORDINATOR, AT)


@pytest.mark.parametrize("begins", [connects, names_a_coordinator])
def test_of_two_that_start_at_once_the_later_finds_what_the_earlier_made(
    database: Database, begins: Callable[[Session], None]
) -> None:
    if begins is names_a_coordinator:
        with database.writing() as session:
            connects(session)
            session.add(Person(name="Maj Moberg", sort_key="maj moberg"))
    on_its_way, failed = threading.Event(), []

    def later() -> None:
        try:
            with database.writing() as session:
                event.listen(session, "do_orm_execute", lambda state: on_its_way.set() if not state.is_select else None)
                event.listen(session, "before_flush", lambda *_: on_its_way.set())
                begins(session)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
            failed.append(error)

    other = threading.Thread(target=later)
    with database.writing() as session:
        begins(session)
        session.flush()
        other.start()
        if not database.embedded:
            assert on_its_way.wait(30)
    other.join()
    assert failed == []
    with database.reading() as session:
        made = [session.scalar(select(func.count()).select_from(each)) for each in (Organisation, Workspace, Role)]
    assert made == [1, 1, int(begins is names_a_coordinator)]
