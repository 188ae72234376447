"""Who is suggested, why, how surely, and who is left out."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from bot.matching.profiles import Profile, Ranking, Reason, State, Suggestion, Via
from bot.matching.rank import Matcher
from tests.matching.members import ASTRID, BERTIL, CECILIA, DAVID, EBBA, MEMBERS

MATCHER = Matcher(MEMBERS)


def first(ranking: Ranking) -> str:
    return ranking.ranking[0].member


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("Vi ser fler vräkningar av barnfamiljer, vem kan något om boendestöd?", "astrid"),
        ("Behandling för den som utövar våld mot sin partner", "bertil"),
        ("Hur använder vi ASI i beroendevården?", "cecilia"),
        ("Kan någon läsa vår enkät och vår effektmätning?", "ebba"),
        ("How do we implement parenting programmes?", "fiona"),
        ("VI BEHÖVER HJÄLP MED VÅLD I NÄRA RELATIONER", "bertil"),
        ("<p>Vi arbetar med <b>lågtröskelboenden</b> &amp; vill veta mer</p>", "astrid"),
    ],
)
def test_the_right_member_comes_first(text: str, member: str) -> None:
    ranking = MATCHER.rank(text)
    assert first(ranking) == member
    assert ranking.confidence in {"clear", "weak"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("missbruk", Reason("missbruk", "missbruk", "keywords", "exact")),
        ("Vräkningar?", Reason("Vräkningar", "vräkning", "keywords", "stem")),
        ("misbruk", Reason("misbruk", "missbruk", "keywords", "spelling")),
        ("vold", Reason("vold", "våld i nära relationer", "keywords", "spelling")),
        ("hemlosheten okar", Reason("hemlosheten", "hemlöshet", "keywords", "spelling")),
        ("en SIG-grupp", Reason("SIG-grupp", "SIG", "keywords", "abbreviation")),
        ("enkätstudie", Reason("enkätstudie", "enkäter", "keywords", "synonym")),
        ("avhysning", Reason("avhysning", "vräkning", "keywords", "synonym")),
        ("eviction", Reason("eviction", "vräkning", "keywords", "synonym")),
        ("härbärgen", Reason("härbärgen", "hemlöshet", "keywords", "broader")),
        ("enkätbladen", Reason("enkätbladen", "enkäter", "keywords", "compound")),
        ("effekter", Reason("effekter", "effektmätning", "keywords", "compound")),
        ("föräldrastödet", Reason("föräldrastödet", "föräldrastödet", "evidence", "exact")),
        ("bevittnade", Reason("bevittnade", "bevittnat", "bio", "stem")),
        ("kriminologi", Reason("kriminologi", "kriminologi", "title", "exact")),
        ("Islandsmodellen", Reason("Islandsmodellen", "Islandsmodellen", "publications", "exact")),
    ],
)
def test_reasons_quote_both_sides(text: str, reason: Reason) -> None:
    assert MATCHER.rank(text).ranking[0].reasons[0] == reason


def test_decomposed_letters_are_the_same_letters() -> None:
    reason = MATCHER.rank("va\u030ald").ranking[0].reasons[0]
    assert reason == Reason("va\u030ald", "våld i nära relationer", "keywords", "exact")


def test_abbreviations_count_only_in_capitals() -> None:
    assert MATCHER.rank("De har bara sig själva").confidence == "none"
    assert first(MATCHER.rank("SIG")) == "david"


def test_a_valid_word_is_never_corrected() -> None:
    profiles = (Profile("a", "A", keywords=("vården",)), Profile("b", "B", keywords=("värdegrund",)))
    shown = Matcher(profiles).rank("vården").ranking
    assert [each.member for each in shown] == ["a"]


@pytest.mark.parametrize("text", ["vald", "valdet som vi såg"])
def test_a_writer_with_rings_on_the_keyboard_means_what_stands_there(text: str) -> None:
    shown = {reason.via for each in MATCHER.rank(text + " över året").ranking for reason in each.reasons}
    assert "spelling" not in shown


def test_english_is_left_as_it_stands() -> None:
    profiles = (Profile("a", "A", keywords=("missbruk", "former")),)
    assert Matcher(profiles).rank("what about the farmer and the misbruk", lang="en").confidence == "none"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "och",
        "🎉",
        "\x00",
        "12 2024",
        "Pizza på fredag?",
        "<br><br>",
        "?!",
        "Kaffemaskinen läcker igen",
        "的 мир",
    ],
)
def test_nothing_meaningful_shows_nobody(text: str) -> None:
    ranking = MATCHER.rank(text)
    assert ranking == Ranking("none", ())


def test_a_word_everybody_writes_points_to_nobody() -> None:
    profiles = [Profile(str(n), f"Namn {n}", bio=f"kommuner ämne{n * 'x'}") for n in range(12)]
    ranking = Matcher(profiles).rank("kommuner")
    assert ranking.confidence == "none"


def test_clear_when_the_request_is_answered_and_one_stands_out() -> None:
    assert MATCHER.rank("våld i nära relationer").confidence == "clear"


@pytest.mark.parametrize(("alike", "others", "confidence"), [(5, 0, "weak"), (5, 60, "clear"), (200, 1000, "weak")])
def test_what_fits_many_equally_well_does_not_say_whom_to_ask(alike: int, others: int, confidence: str) -> None:
    members = [replace(BERTIL, id=str(n)) for n in range(alike)]
    members += [Profile(f"other {n}", f"Namn {n}", bio="forskar om något annat") for n in range(others)]
    assert Matcher(members).rank("våld i nära relationer").confidence == confidence


def test_weak_when_only_a_small_part_is_answered() -> None:
    text = "Kaffemaskinen och skrivaren läcker, parkeringen svämmar över, hissen luktar och behandling saknas"
    assert MATCHER.rank(text).confidence == "weak"


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State("astrid", conflict="bisyssla i stadsdelen"), "conflict"),
        (State("astrid", away_until=date(2026, 12, 1)), "away"),
        (State("astrid", open_cases=2, capacity=2), "full"),
        (State("astrid", capacity=0), "full"),
        (State("astrid", paused=True), "paused"),
        (State("astrid", declined=True), "declined"),
        (State("astrid", asked=True), "asked"),
    ],
)
def test_the_better_one_is_left_out_and_named(state: State, why: str) -> None:
    text = "vräkning och hemlöshet i barnfamiljer, och våld"
    assert first(MATCHER.rank(text)) == "astrid"
    ranking = MATCHER.rank(text, {"astrid": state}, top=1)
    assert [each.member for each in ranking.ranking] == ["bertil"]
    (left,) = ranking.left_out
    assert (left.member, left.why) == ("astrid", why)
    assert left.score > ranking.ranking[0].score
    assert left.reasons[0].profile in {"vräkning", "hemlöshet"}


def test_one_who_would_not_have_been_shown_is_not_named() -> None:
    text = "vräkning och hemlöshet i barnfamiljer, och våld"
    assert MATCHER.rank(text, {"bertil": State("bertil", paused=True)}, top=1).left_out == ()
    assert MATCHER.rank("vräkning", {"bertil": State("bertil", paused=True)}).left_out == ()


def test_when_the_only_one_cannot_the_answer_is_none_and_says_who() -> None:
    ranking = MATCHER.rank("missbruk", {"cecilia": State("cecilia", paused=True)})
    assert (ranking.confidence, ranking.ranking) == ("none", ())
    assert [each.member for each in ranking.left_out] == ["cecilia"]


def test_near_ties_go_to_the_less_used_then_the_one_not_asked_for_longest_then_the_name() -> None:
    twins = [replace(DAVID, id=id_, name=name) for id_, name in [("1", "Ödla"), ("2", "Bo"), ("3", "Cy"), ("4", "Bo")]]
    matcher = Matcher(twins)

    def order(*states: State) -> list[str]:
        found = matcher.rank("unga och kriminalitet", {state.id: state for state in states}, top=4)
        return [each.member for each in found.ranking]

    assert order() == ["2", "4", "3", "1"]
    assert order(State("2", open_cases=1), State("4", open_cases=2)) == ["3", "1", "2", "4"]
    assert order(
        State("1", asked_days_ago=90), State("2", asked_days_ago=3), State("3", asked_days_ago=30), State("4")
    ) == ["4", "1", "3", "2"]


def test_use_decides_only_between_near_ties() -> None:
    busy = {"astrid": State("astrid", open_cases=9, asked_days_ago=0)}
    assert first(MATCHER.rank("vräkning och hemlöshet i barnfamiljer, och våld", busy)) == "astrid"


def test_top_zero_ranks_every_member() -> None:
    ranking = MATCHER.rank("genus", top=0)
    assert {each.member for each in ranking.ranking} == {each.id for each in MEMBERS}
    assert first(ranking) == "cecilia"
    assert [each.score for each in ranking.ranking] == sorted((each.score for each in ranking.ranking), reverse=True)
    assert ranking.ranking[-1] == Suggestion("gustav", 0.0, ())
    assert MATCHER.rank("🎉", top=0).confidence == "none"
    assert len(MATCHER.rank("🎉", top=0).ranking) == len(MEMBERS)


def test_a_changed_profile_is_found_at_once_and_the_old_matcher_stays() -> None:
    changed = MATCHER.updated(replace(CECILIA, keywords=("skuldsanering",)))
    assert first(changed.rank("skuldsanering")) == "cecilia"
    assert changed.rank("ASI").confidence == "none"
    assert first(MATCHER.rank("ASI")) == "cecilia"
    assert MATCHER.rank("skuldsanering").confidence == "none"
    assert changed.without("cecilia").rank("skuldsanering").confidence == "none"
    assert changed.without("nobody").profiles == changed.profiles


def test_neither_name_nor_university_is_searched() -> None:
    assert MATCHER.rank("Ljungdal i Uppsala").confidence == "none"


def test_closed_cases_speak_for_their_member() -> None:
    assert first(MATCHER.rank("Vi ska mäta med formulär")) == EBBA.id


def test_a_matcher_of_nobody_answers() -> None:
    assert Matcher().rank("våld") == Ranking("none", ())
    assert Matcher([Profile("a", "A")]).rank("våld", top=0).ranking[0].score == 0


def test_two_members_with_the_same_name_are_two() -> None:
    matcher = Matcher([ASTRID, replace(ASTRID, id="astrid-2")])
    assert [each.member for each in matcher.rank("vräkning").ranking] == ["astrid", "astrid-2"]


def test_every_via_is_reachable() -> None:
    text = (
        "vräkning, enkäterna, effekter, misbruk och SIG, avhysning, härbärgen, brottslighet bland unga, "
        "kriminalvård, kvantitativ metod, psykisk ohälsa, beroende"
    )
    reached: set[Via] = {reason.via for each in MATCHER.rank(text, top=0).ranking for reason in each.reasons}
    reached |= {
        reason.via for word in text.split(", ") for each in MATCHER.rank(word).ranking for reason in each.reasons
    }
    assert reached == set(get_args(Via))


def test_markup_parts_words() -> None:
    marked, plain = MATCHER.rank("hemlöshet<br>missbruk"), MATCHER.rank("hemlöshet missbruk")
    assert [each.member for each in marked.ranking] == [each.member for each in plain.ranking]
    assert all("<" not in reason.asked for each in marked.ranking for reason in each.reasons)


def test_an_empty_profile_does_not_change_a_score() -> None:
    text = "registerstudie om missbruk"
    more = Matcher([*MEMBERS, *(Profile(f"tom {n}", "Tom") for n in range(30))])
    assert more.rank(text) == MATCHER.rank(text)
