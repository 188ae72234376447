import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, update

from bot import academy, answers, cases, offers
from bot.grounds import doubt_line, place_line, reason_line, why_line
from bot.matching.profiles import Reason
from bot.refusals import Invalid, NotFound
from bot.suggestions import LeftOut, Suggested, Suggestee, Suggester, profiles, similar
from bot.wording import words
from models.case import AnswerKind, Case, DeclineReason
from models.database import Database
from models.forms import Declining, LessonWriting
from models.people import Absence, Conflict, Member, PauseCause
from tests.factories import Inhabitant, Town

EVICTION = "Hur kan vi förebygga vräkning av barnfamiljer?"


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


@pytest.fixture
def suggester() -> Suggester:
    return Suggester()


def names(found: Suggested) -> list[str]:
    return [each.name for each in found.members]


def left_out(found: Suggested) -> dict[str, str]:
    return {each.name: each.why for each in found.left_out}


def for_case(town: Town, suggester: Suggester, case_id: int, top: int = 3) -> Suggested:
    return town.see(suggester.for_case, case_id, town.today, top)


def change(town: Town, member: Inhabitant, **columns: object) -> None:
    """A profile changed as the bot changes it: with a new version."""
    town.do(
        lambda session: session.execute(
            update(Member).where(Member.id == member.member).values(**columns, version=Member.version + 1)
        )
    )


@contextmanager
def counted(database: Database) -> Iterator[Callable[[], int]]:
    statements = []

    def count(*args: object) -> None:
        statements.append(args[2])

    event.listen(database.engine, "before_cursor_execute", count)
    yield lambda: len(statements)
    event.remove(database.engine, "before_cursor_execute", count)


def test_the_member_who_writes_about_it_is_suggested_with_the_words_of_both_sides(
    town: Town, suggester: Suggester
) -> None:
    lena = town.member("Lena", keywords=["vräkning", "hemlöshet"], title="docent")
    town.member("Omar", keywords=["registerstudier"], chat=False)
    filed = town.file(town.requester(), title=EVICTION)
    found = for_case(town, suggester, filed.case_id)
    (only,) = found.members
    assert (only.name, only.member_id, only.person_id) == ("Lena", lena.member, lena.person)
    assert (only.title, only.university, only.in_chat) == ("docent", "Norra universitetet", True)
    assert (only.open_cases, only.capacity) == (0, 2)
    assert Reason("vräkning", "vräkning", "keywords", "exact") in only.reasons
    assert found.left_out == ()


def test_nobody_is_suggested_for_what_nobody_writes_about(town: Town, suggester: Suggester) -> None:
    town.member("Lena", keywords=["vräkning"])
    filed = town.file(town.requester(), title="Djurhållning i stadsparken")
    found = for_case(town, suggester, filed.case_id)
    assert (found.confidence, found.members, found.left_out) == ("none", (), ())
    assert any(choice.area for choice in found.choices), "there is always something to choose from"


def test_every_way_in_which_a_member_cannot_be_asked(town: Town, suggester: Suggester) -> None:
    anna, maj = town.requester("Anna"), town.coordinator()
    able, *others = [
        town.member(name, keywords=["vräkning"], capacity=2)
        for name in ("Fri", "Bunden", "Stadsdel", "Känd", "Borta", "Senare", "Paus", "Full", "Nej", "Frågad", "Lämnat")
    ]
    for number in range(9):
        town.member(f"Annan {number}", keywords=["registerstudier"])
    tied, district, knows, away, later, paused, full, no, asked, gone = others
    case_id = town.file(anna, title=EVICTION, wanted_by=town.today + dt.timedelta(days=30)).case_id

    def declare(session) -> None:  # type: ignore[no-untyped-def]
        common = {"organisation_id": town.id, "declared_at": town.now}
        session.add_all(
            [
                Conflict(member_id=tied.member, case_id=case_id, **common),
                Conflict(member_id=district.member, district_id=town.districts["Farsta"], **common),
                Conflict(member_id=knows.member, person_id=anna.person, **common),
                Conflict(member_id=able.member, district_id=town.districts["Skarpnäck"], **common),
                Absence(
                    organisation_id=town.id,
                    member_id=away.member,
                    first_day=town.today + dt.timedelta(days=29),
                    last_day=town.today + dt.timedelta(days=31),
                ),
                Absence(
                    organisation_id=town.id,
                    member_id=able.member,
                    first_day=town.today + dt.timedelta(days=1),
                    last_day=town.today + dt.timedelta(days=29),
                ),
            ]
        )
        session.get_one(Member, later.member).ask_again_from = town.today + dt.timedelta(days=4)
        session.get_one(Member, able.member).ask_again_from = town.today
        session.get_one(Member, paused.member).paused_at = town.now
        session.get_one(Member, paused.member).paused_by = PauseCause.OWN
        session.get_one(Member, gone.member).left_at = town.now

    town.do(declare)
    for title in ("Något annat helt", "Ännu en annan sak"):
        town.active(anna, maj, full, title=title, shown=False)
    no_offer = town.ask(maj, case_id, no)
    town.do(offers.decline, no, no_offer, Declining(reason=DeclineReason.NO_TIME), town.now)
    town.ask(maj, case_id, asked)

    found = for_case(town, suggester, case_id)
    assert names(found) == ["Fri"]
    assert left_out(found) == {
        "Bunden": "conflict",
        "Stadsdel": "conflict",
        "Känd": "conflict",
        "Borta": "away",
        "Senare": "away",
        "Paus": "paused",
        "Full": "full",
        "Nej": "declined",
        "Frågad": "asked",
    }
    until = {each.name: each.until for each in found.left_out if each.until}
    assert until == {"Borta": town.today + dt.timedelta(days=31), "Senare": town.today + dt.timedelta(days=3)}
    for each in found.left_out:
        why_not = town.see(suggester.why_not, case_id, each.member_id, town.today)
        assert why_not is not None
        assert (why_not.why, why_not.until) == (each.why, each.until)
    assert town.see(suggester.why_not, case_id, able.member, town.today) is None
    everybody = [each.member for each in (able, *others)]
    case = town.see(lambda session: session.get_one(Case, case_id))
    refused = town.see(offers.conflicting, case, everybody)
    assert refused == {tied.member, district.member, knows.member}, "asking and suggesting agree on ties"


def test_the_requester_is_never_suggested_for_their_own_consultation(town: Town, suggester: Suggester) -> None:
    lena = town.member("Lena", keywords=["vräkning"])
    assert names(town.see(suggester.for_text, town.id, EVICTION, town.today)) == ["Lena"]
    assert names(town.see(suggester.for_text, town.id, EVICTION, town.today, requester_id=lena.person)) == []


def test_a_question_drawn_back_leaves_the_member_free(town: Town, suggester: Suggester) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", keywords=["vräkning"])
    case_id = town.file(anna, title=EVICTION).case_id
    offer_id = town.ask(maj, case_id, lena)
    assert left_out(for_case(town, suggester, case_id)) == {"Lena": "asked"}
    town.do(offers.retract, maj, offer_id, town.now)
    assert names(for_case(town, suggester, case_id)) == ["Lena"]


def test_open_cases_are_counted_and_never_stored(town: Town, suggester: Suggester) -> None:
    anna, maj = town.requester(), town.coordinator()
    lena = town.member("Lena", keywords=["vräkning"], capacity=1)
    town.member("Omar", keywords=["vräkning"], capacity=1)
    busy = town.active(anna, maj, lena, title="Något annat helt")
    case_id = town.file(anna, title=EVICTION).case_id
    assert (names(for_case(town, suggester, case_id)), left_out(for_case(town, suggester, case_id))) == (
        ["Omar"],
        {"Lena": "full"},
    )
    town.close(maj, busy, lena)
    found = for_case(town, suggester, case_id)
    assert names(found) == ["Omar", "Lena"], "of equals the one who was never asked comes first"
    assert [each.open_cases for each in found.members] == [0, 0]
    town.do(cases.reopen, maj, busy, town.now)
    assert left_out(for_case(town, suggester, case_id)) == {"Lena": "full"}


def test_a_changed_profile_counts_at_once_in_every_process(town: Town, suggester: Suggester) -> None:
    omar = town.member("Omar", keywords=["statistik"])
    case_id = town.file(town.requester(), title=EVICTION).case_id
    other = Suggester()
    assert names(for_case(town, suggester, case_id)) == names(for_case(town, other, case_id)) == []
    change(town, omar, keywords=["vräkning"])
    assert names(for_case(town, suggester, case_id)) == names(for_case(town, other, case_id)) == ["Omar"]
    town.member("Nils", keywords=["vräkning"])
    change(town, omar, left_at=town.now)
    assert names(for_case(town, suggester, case_id)) == names(for_case(town, Suggester(), case_id)) == ["Nils"]


def test_more_changes_than_a_few_give_the_same_as_a_new_index(town: Town, suggester: Suggester) -> None:
    members = [town.member(f"Ledamot {number:02}", keywords=["statistik"]) for number in range(25)]
    case_id = town.file(town.requester(), title=EVICTION).case_id
    assert for_case(town, suggester, case_id).members == ()
    for number, member in enumerate(members):
        change(town, member, keywords=["vräkning"] if number % 6 == 0 else ["statistik", "enkäter"])
    assert for_case(town, suggester, case_id, 25) == for_case(town, Suggester(), case_id, 25)
    assert len(for_case(town, suggester, case_id, 25).members) == 5


def test_an_approved_lesson_speaks_for_the_members_who_were_in_it(town: Town, suggester: Suggester) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", keywords=["statistik"])
    shown = town.active(anna, maj, lena, title="Samlarsyndrom i hemmet")
    case_id = town.file(anna, title="Hur bemöter vi samlarsyndrom?").case_id
    town.close(maj, shown, lena, lesson="Ett långsamt bemötande bygger tillit.")
    assert names(for_case(town, suggester, case_id)) == [], "not before the requester has approved it"
    town.do(answers.approve, anna, shown, town.now)
    (only,) = for_case(town, suggester, case_id).members
    assert {reason.field for reason in only.reasons} == {"evidence"}
    assert "har gett råd om" in reason_line(words("sv"), only)

    (seen,) = town.see(suggester.for_text, town.id, "Hur bemöter vi samlarsyndrom?", town.today).members
    assert (seen.name, seen.reasons) == ("Lena", ()), "requesters are not told from which consultation"
    assert reason_line(words("sv"), seen) == "har erfarenhet av liknande frågor · ingen pågående konsultation"

    town.do(cases.reopen, maj, shown, town.now)
    assert names(for_case(town, suggester, case_id)) == [], "nor while it is open again"


def test_a_reworded_lesson_is_read_anew(town: Town, suggester: Suggester) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", keywords=["statistik"])
    done = town.active(anna, maj, lena, title="Bemötande i hemmet")
    town.close(anna, done, lena, lesson="Tillit tar tid.")
    case_id = town.file(anna, title=EVICTION).case_id
    assert names(for_case(town, suggester, case_id)) == []
    town.at("2026-03-03 10:00")
    town.do(answers.approve, anna, done, town.now, form=LessonWriting(text="Vräkning kan ofta undvikas."))
    assert names(for_case(town, suggester, case_id)) == ["Lena"]


def test_what_is_not_shown_in_the_forum_speaks_for_nobody(town: Town, suggester: Suggester) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", keywords=["statistik"])
    hidden = town.active(anna, maj, lena, title="Samlarsyndrom i hemmet", shown=False)
    town.close(anna, hidden, lena, lesson="Ett långsamt bemötande bygger tillit.")
    case_id = town.file(anna, title="Hur bemöter vi samlarsyndrom?").case_id
    assert for_case(town, suggester, case_id).members == ()
    assert [profile.evidence for profile in town.see(profiles, town.id)] == [()]


def test_organisations_never_mix(town: Town, suggester: Suggester) -> None:
    other = Town(town.database, "Grannköping")
    town.member("Lena", keywords=["vräkning"])
    other.member("Omar", keywords=["vräkning"])
    case_id = other.file(other.requester(), title=EVICTION).case_id
    mine = town.file(town.requester(), title=EVICTION).case_id
    assert names(for_case(other, suggester, case_id)) == ["Omar"]
    assert names(for_case(town, suggester, mine)) == ["Lena"]
    lena = for_case(town, suggester, mine).members[0]
    with pytest.raises(Invalid):
        town.see(suggester.why_not, case_id, lena.member_id, town.today)
    with pytest.raises(NotFound):
        town.see(suggester.for_case, 999_999, town.today)


def test_a_request_being_written_knows_its_units_and_lists_nobody_as_left_out(town: Town, suggester: Suggester) -> None:
    lena = town.member("Lena", keywords=["vräkning"])
    town.do(
        lambda session: session.add(
            Conflict(
                organisation_id=town.id,
                member_id=lena.member,
                district_id=town.districts["Farsta"],
                declared_at=town.now,
            )
        )
    )

    def found(unit: str) -> Suggested:
        return town.see(suggester.for_text, town.id, EVICTION, town.today, unit_ids=[town.units[unit]])

    tied = found("Barn och unga")
    assert (tied.confidence, tied.members, tied.left_out) == ("none", (), ())
    assert names(found("Vuxenenheten")) == names(found("Familjerådgivningen")) == ["Lena"]


def test_a_suggestion_costs_the_same_number_of_statements_however_much_there_is(
    town: Town, suggester: Suggester
) -> None:
    anna, maj = town.requester(), town.coordinator()

    def cost() -> int:
        with counted(town.database) as statements:
            for_case(town, suggester, case_id)
            return statements()

    case_id = town.file(anna, title=EVICTION).case_id
    town.member("Lena", keywords=["vräkning"])
    for_case(town, suggester, case_id)
    small = cost()
    for number in range(6):
        member = town.member(keywords=["vräkning", f"ämne {number}"])
        town.ask(maj, case_id, member)
        done = town.active(anna, maj, member, title=f"Något annat {number}")
        town.close(anna, done, member, lesson="Börja tidigt.")
        town.active(anna, maj, member, title=f"Ännu ett annat {number}")
    refreshing = cost()
    assert cost() == small
    assert small <= 12
    assert refreshing <= small + 4


def test_earlier_consultations_with_something_to_read_come_first(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member()
    running = town.file(anna, title=EVICTION).case_id
    read = town.active(anna, maj, lena, title="Vräkning och barnfamiljer")
    town.close(anna, read, lena, lesson="Ring hyresvärden tidigt.")
    town.active(anna, maj, lena, title="Vräkning av barnfamiljer, visas inte", shown=False)
    withdrawn = town.file(anna, title="Vräkning av barnfamiljer igen").case_id
    town.do(cases.withdraw, anna, withdrawn, town.now)
    found = town.see(similar, town.id, EVICTION)
    assert [line.id for line in found] == [read, running]
    assert [line.id for line in town.see(similar, town.id, EVICTION, but=running)] == [read]
    assert town.see(similar, town.id, EVICTION, 1)[0].id == read
    assert town.see(similar, Town(town.database, "Grannköping").id, EVICTION) == ()


def suggestee(*reasons: Reason, open_cases: int = 1) -> Suggestee:
    return Suggestee(1, 1, "Lena", "docent", "Norra universitetet", True, open_cases, 2, reasons)


def test_the_reason_in_one_line() -> None:
    swedish, english = words("sv"), words("en")
    both = suggestee(
        Reason("vräkning", "avhysning", "keywords", "compound"),
        Reason("vräkning", "hyresskulder", "bio", "compound"),
    )
    assert reason_line(swedish, both) == (
        "skriver om avhysning och hyresskulder; frågan gäller vräkning · 1 pågående konsultation"
    )
    assert reason_line(english, both) == (
        "writes about avhysning and hyresskulder; the question is about vräkning · 1 consultation under way"
    )
    same = suggestee(Reason("Vräkning", "vräkning", "keywords", "exact"), open_cases=0)
    assert reason_line(swedish, same) == "skriver om vräkning · ingen pågående konsultation"
    many = suggestee(*(Reason("ord", f"ämne\n{number}", "keywords", "stem") for number in range(9)), open_cases=3)
    assert reason_line(swedish, many) == (
        "skriver om ämne 0, ämne 1 och ämne 2; frågan gäller ord · 3 pågående konsultationer"
    )
    several = suggestee(
        Reason("Barn, unga och familj", "skola och socialtjänst", "keywords", "narrower"),
        Reason("stöd", "stöd", "bio", "exact"),
    )
    assert reason_line(swedish, several).startswith(
        "skriver om ”skola och socialtjänst” och stöd; frågan gäller ”Barn, unga och familj” ·"
    )
    braces = suggestee(Reason("{about}", "{about}", "keywords", "exact"))
    assert reason_line(swedish, braces).startswith("skriver om {about} ·")


def test_a_misspelt_word_says_how_it_was_read() -> None:
    misspelt = suggestee(Reason("vold", "våld i nära relationer", "keywords", "spelling"))
    assert reason_line(words("sv"), misspelt) == (
        "skriver om våld i nära relationer; ”vold” läst som våld · 1 pågående konsultation"
    )
    assert "“vold” read as våld" in reason_line(words("en"), misspelt)
    whole = suggestee(Reason("vold i nära relationer", "våld i nära relationer", "keywords", "spelling"))
    assert "läst som våld i nära relationer" in reason_line(words("sv"), whole)
    elsewhere = suggestee(Reason("vrekning", "avhysning", "bio", "spelling"))
    assert "skriver om avhysning; frågan gäller vrekning ·" in reason_line(words("sv"), elsewhere)


def test_what_makes_a_coordinator_hesitate_in_one_line() -> None:
    nothing = suggestee(Reason("vräkning", "vräkning", "keywords", "exact"))
    assert doubt_line(words("sv"), nothing) == ""
    both = replace(nothing, doubts=("Vräkning", "vräkning"), advised_before=True)
    assert doubt_line(words("sv"), both) == (
        "har tidigare tackat nej till en fråga om vräkning som låg utanför området; "
        "har gett samma kontaktperson råd förut"
    )
    assert "outside their field; has advised the same contact person before" in doubt_line(words("en"), both)


def test_a_question_declined_as_outside_the_field_counts_against_an_equal_and_only_coordinators_read_it(
    town: Town, suggester: Suggester
) -> None:
    anna, maj = town.requester(), town.coordinator()
    ada, bea = (town.member(name, keywords=["vräkning"]) for name in ("Ada", "Bea"))
    for number in range(5):
        town.member(f"Annan {number}", keywords=["registerstudier"])
    first = town.file(anna, title=EVICTION).case_id
    refused = town.ask(maj, first, ada)
    town.do(offers.decline, ada, refused, Declining(reason=DeclineReason.OUTSIDE_FIELD), town.now)
    again = town.file(anna, title="Hur arbetar andra med vräkning?").case_id
    town.active(anna, maj, bea, title="Något annat helt")
    found = for_case(town, suggester, again)
    assert names(found) == ["Bea", "Ada"], "though Bea has more to do"
    assert [each.doubts for each in found.members] == [(), ("vräkning",)]
    shown = town.see(suggester.for_text, town.id, EVICTION, town.today)
    assert names(shown) == ["Bea", "Ada"]
    assert [each.doubts for each in shown.members] == [(), ()]
    (explained,) = town.see(suggester.explain, again, [ada.member], town.today)
    assert (explained.place, explained.among, explained.doubts) == (2, 2, ("vräkning",))


def test_a_near_tie_goes_to_whoever_has_less_to_do(town: Town, suggester: Suggester) -> None:
    anna, maj = town.requester(), town.coordinator()
    ada, _ = (town.member(name, keywords=["vräkning"], capacity=3) for name in ("Ada", "Bea"))
    case_id = town.file(anna, title=EVICTION).case_id
    assert names(for_case(town, suggester, case_id)) == ["Ada", "Bea"]
    town.active(anna, maj, ada, title="Något annat helt")
    assert names(for_case(town, suggester, case_id)) == ["Bea", "Ada"]


def test_who_reviews_a_draft_is_told_apart_when_they_have_advised_the_same_person(
    town: Town, suggester: Suggester
) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", keywords=["vräkning"])
    town.active(anna, maj, lena, title="Något annat helt")
    review = town.file(anna, title=EVICTION, answer_kind=AnswerKind.REVIEW).case_id
    meeting = town.file(anna, title=EVICTION).case_id
    other = town.file(town.requester(), title=EVICTION, answer_kind=AnswerKind.REVIEW).case_id
    told = {case_id: for_case(town, suggester, case_id).members[0].advised_before for case_id in (review, meeting)}
    assert told == {review: True, meeting: False}
    assert not for_case(town, suggester, other).members[0].advised_before
    (explained,) = town.see(suggester.explain, review, [lena.member], town.today)
    assert explained.advised_before


def test_every_member_can_be_explained_in_a_constant_number_of_statements(town: Town, suggester: Suggester) -> None:
    anna = town.requester()
    fits = [town.member(f"Ledamot {number}", keywords=["vräkning"]) for number in range(4)]
    off = town.member("Omar", keywords=["registerstudier"])
    case_id = town.file(anna, title=EVICTION).case_id
    explained, one = town.see(suggester.explain, case_id, [off.member, fits[0].member], town.today)
    assert (explained.place, explained.among, explained.reasons) == (None, 4, ())
    assert place_line(words("sv"), explained) == "inget i profilen svarar mot frågan"
    assert place_line(words("sv"), one) == "plats 1 av 4 som frågan leder till: skriver om vräkning"

    def cost(*members: Inhabitant) -> int:
        with counted(town.database) as statements:
            town.see(suggester.explain, case_id, [each.member for each in members], town.today)
            return statements()

    assert cost(fits[0]) == cost(off, *fits) <= 13
    with pytest.raises(Invalid):
        town.see(suggester.explain, case_id, [off.member, 999_999], town.today)


def test_chosen_topics_lead_where_the_words_do_not(town: Town, suggester: Suggester) -> None:
    town.member("Lena", keywords=["vräkning"])
    for number in range(5):
        town.member(f"Annan {number}", keywords=["registerstudier"])
    vague = "Vi vill bli bättre på det vi gör"
    found = town.see(suggester.for_text, town.id, vague, town.today)
    assert (found.confidence, names(found)) == ("none", [])
    found = town.see(suggester.for_text, town.id, vague, town.today, topics=["vräkning"])
    assert (found.confidence, names(found)) == ("clear", ["Lena"])
    case_id = town.file(town.requester(), title=vague, topics=["vräkning"]).case_id
    assert names(for_case(town, suggester, case_id)) == ["Lena"]


def test_keywords_are_what_the_texts_mention_and_the_keywords_do_not(town: Town, suggester: Suggester) -> None:
    texts = ["Jag forskar om vräkning och hemlöshet.", "A study of evictions and domestic violence"]
    found = town.see(suggester.keywords, town.id, ["Hemlöshet"], texts)
    assert found[0] == "vräkning"
    assert "hemlöshet" not in found
    assert "våld i nära relationer" in found
    assert len(found) == len(set(found))
    assert town.see(suggester.keywords, town.id, found, ["vräkning", "ingenting alls"]) == ()


@pytest.mark.parametrize(
    ("why", "line"),
    [
        ("conflict", "jäv eller annan bindning"),
        ("away", "borta till och med tisdag 3 mars"),
        ("full", "har fullt upp just nu"),
        ("paused", "tar en paus från frågor"),
        ("declined", "har tackat nej till den här konsultationen"),
        ("asked", "har redan fått frågan i den här konsultationen"),
    ],
)
def test_why_somebody_was_left_out(why: str, line: str) -> None:
    until = dt.date(2026, 3, 3) if why == "away" else None
    left = LeftOut(1, "Lena", why, until, ())  # type: ignore[arg-type]
    assert why_line(words("sv"), left) == line
    assert why_line(words("en"), left)


def test_the_profiles_of_the_organisation(town: Town) -> None:
    lena = town.member("Åsa", keywords=["vräkning"], bio="Forskar.", publications=["En bok"], languages=["en"])
    town.member("Omar", languages=["en", "sv"])
    gone = town.member("Nils")
    change(town, gone, left_at=town.now)
    omar, asa = town.see(profiles, town.id)
    assert (omar.name, omar.lang, asa.id, asa.name, asa.lang) == ("Omar", "sv", str(lena.member), "Åsa", "en")
    assert (asa.keywords, asa.bio, asa.publications) == (("vräkning",), "Forskar.", ("En bok",))
    assert asa.university == "Norra universitetet"


def test_more_lessons_than_are_looked_back_at_are_all_read(
    town: Town, suggester: Suggester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(academy, "LOOKED_BACK", 2)
    anna, maj = town.requester(), town.coordinator()
    advising = [town.member(f"Ledamot {number}", keywords=["statistik"]) for number in range(4)]
    case_id = town.file(anna, title="Hur bemöter vi samlarsyndrom?").case_id
    assert names(for_case(town, suggester, case_id)) == []
    for member in advising:
        town.close(anna, town.active(anna, maj, member, title="Samlarsyndrom i hemmet"), member, lesson="Det tar tid.")
    assert len(for_case(town, suggester, case_id, 9).members) == len(advising)


def test_what_is_committed_late_is_read_all_the_same(town: Town, suggester: Suggester) -> None:
    """The later of two approvals is seen first: its event has the larger number and stands there before the other's."""
    if town.database.embedded:
        pytest.skip("SQLite writes one transaction after the other")
    anna, maj, lena, omar = town.requester(), town.coordinator(), town.member("Lena"), town.member("Omar")
    titles = {"Lena": "Samlarsyndrom i hemmet", "Omar": "Vräkning av barnfamiljer"}
    late, soon = (town.active(anna, maj, each, title=titles[name]) for name, each in (("Lena", lena), ("Omar", omar)))
    for case_id, member in ((late, lena), (soon, omar)):
        town.close(maj, case_id, member, lesson="Det tar tid.")

    def advised(title: str) -> list[str]:
        return [each.name for each in town.see(suggester.for_text, town.id, title, town.today).members]

    assert advised(titles["Omar"]) == []
    with town.database.writing() as session:
        answers.approve(session, anna, late, town.now)
        town.do(answers.approve, anna, soon, town.now)
        assert advised(titles["Omar"]) == ["Omar"]
        assert advised(titles["Lena"]) == []
    assert advised(titles["Lena"]) == ["Lena"]
