"""The city's landscape out of a file: districts with their successors, clusters and units."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from bot import districts, sheets
from bot.sheets import Problem, Row, SheetRefused
from bot.transfer import Imported, Outcome
from models.database import sort_key
from models.organisation import District, Unit

COLUMNS = ("district", "unit", "successor", "ended_on", "cluster")


def import_districts(session: Session, organisation_id: int, content: bytes) -> Imported:
    """Add and update districts and units from a CSV file with `COLUMNS`.

    A row with a unit is about the unit (without a district: a city-wide one), a row without is about the district.
    `ended_on` is a day as YYYY-MM-DD; a district with a `successor` goes up in it, as in `districts.merge`. Rows may
    stand in any order. Raises `SheetRefused` with everything that is wrong, before anything is written.
    """
    rows = sheets.read(content, COLUMNS, "district")
    problems = [*_repeated(rows), *_wrong(session, organisation_id, rows)]
    if problems:
        raise SheetRefused(problems)
    outcomes = [_keep(session, organisation_id, row) for row in rows]
    for place in sorted(range(len(rows)), key=lambda place: rows[place]["ended_on"]):
        if _end(session, organisation_id, rows[place]) and outcomes[place] == "unchanged":
            outcomes[place] = "updated"
    session.flush()
    return Imported.of(outcomes)


def _keep(session: Session, organisation_id: int, row: Row) -> Outcome:
    """Make the district and the unit of a row when they are not there, and put the district in its cluster."""
    outcome: Outcome = "unchanged"
    district = None
    if row["district"]:
        district = districts.district_named(session, organisation_id, row["district"])
        if district is None:
            district = districts.make_district(session, organisation_id, row["district"])
            outcome = "added"
        if row["cluster"]:
            cluster = districts.make_cluster(session, organisation_id, row["cluster"])
            if district.cluster_id != cluster.id:
                district.cluster_id = cluster.id
                outcome = "added" if outcome == "added" else "updated"
    if row["unit"]:
        place = district.id if district else None
        if districts.unit_named(session, organisation_id, row["unit"], place) is None:
            districts.make_unit(session, organisation_id, row["unit"], place)
            return "added"
    return outcome


def _end(session: Session, organisation_id: int, row: Row) -> bool:
    """End what has ended, now that everything is there; whether anything changed."""
    district = districts.district_named(session, organisation_id, row["district"]) if row["district"] else None
    ended_on = _day(row)
    if row["unit"]:
        unit = districts.unit_named(session, organisation_id, row["unit"], district.id if district else None)
        if unit is None or ended_on is None or unit.ended_on == ended_on:
            return False
        unit.ended_on = ended_on
        return True
    if district is None or ended_on is None:
        return False
    successor = districts.district_named(session, organisation_id, row["successor"]) if row["successor"] else None
    wanted = (ended_on, successor.id if successor else None)
    if (district.ended_on, district.successor_id) == wanted:
        return False
    if successor is not None:
        districts.succeed(session, district, successor, ended_on)
    else:
        district.ended_on, district.successor_id = wanted
        last_day = update(Unit).where(Unit.district_id == district.id, Unit.ended_on.is_(None))
        session.execute(last_day.values(ended_on=ended_on))
    return True


def _day(row: Row) -> dt.date | None:
    return dt.date.fromisoformat(row["ended_on"]) if row["ended_on"] else None


def _wrong(session: Session, organisation_id: int, rows: list[Row]) -> Iterator[Problem]:
    """Everything that is wrong with single rows, and successors that lead in a circle."""
    named = {sort_key(row["district"]) for row in rows if row["district"]}
    leads_to = _successors(session, organisation_id) | {
        sort_key(row["district"]): sort_key(row["successor"]) for row in rows if row["successor"] and not row["unit"]
    }
    for row in rows:
        if not row["district"] and not row["unit"]:
            yield row.wrong("sheet_neither")
        for column in ("district", "unit", "successor", "cluster"):
            if len(row[column]) > 200:
                yield row.wrong("sheet_long", column=column, longest=200)
        try:
            ended_on = _day(row)
        except ValueError:
            yield row.wrong("sheet_day", column="ended_on")
            continue
        if not row["successor"]:
            continue
        if row["unit"] or not row["district"]:
            yield row.wrong("sheet_successor_unit")
        elif ended_on is None:
            yield row.wrong("sheet_successor_day")
        elif _circles(sort_key(row["district"]), leads_to):
            yield row.wrong("sheet_circle")
        elif sort_key(row["successor"]) not in named and not districts.district_named(
            session, organisation_id, row["successor"]
        ):
            yield row.wrong("sheet_successor", successor=row["successor"])


def _successors(session: Session, organisation_id: int) -> dict[str, str]:
    """The former districts that are known already, and what each went up in."""
    heir = aliased(District)
    query = (
        select(District.sort_key, heir.sort_key)
        .join(heir, heir.id == District.successor_id)
        .where(District.organisation_id == organisation_id)
    )
    return dict(session.execute(query).all())


def _circles(start: str, leads_to: dict[str, str]) -> bool:
    seen = {start}
    while (start := leads_to.get(start, "")) and start not in seen:
        seen.add(start)
    return bool(start)


def _repeated(rows: list[Row]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        mark = (sort_key(row["district"]), sort_key(row["unit"]))
        if mark in seen:
            yield row.wrong("sheet_repeated", first=seen[mark])
        seen.setdefault(mark, row.line)
