"""What must hold for every text, every profile and every order of the members."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.matching.profiles import FIELDS, Profile, State
from bot.matching.rank import Matcher
from tests.matching.members import MEMBERS

_WORDS = (
    "våld vald relationsvåld våldsutövare hemlöshet hemlöshetens vräkning vräkningar missbruk misbruk ASI SIG sig "
    "barnfamiljer föräldrastöd stöd enkät enkätstudie effekter effektmätning LSS och i the of implementation "
    "implement parenting <b>stöd</b> va\u030ald BBIC bbic VÅLD skol-social 48h ßtraße \x00 🎉"
)
FIELD_WORDS = _WORDS.split(" ")

texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(FIELD_WORDS), st.text(max_size=8)), max_size=20).map(" ".join),
)
profiles = st.builds(
    Profile,
    id=st.uuids().map(str),
    name=st.sampled_from(["Asta", "Bo", "Åke"]),
    title=texts,
    keywords=st.lists(texts, max_size=4).map(tuple),
    bio=texts,
    publications=st.lists(texts, max_size=2).map(tuple),
    lang=st.sampled_from(["sv", "en", "fi"]),
    evidence=st.lists(texts, max_size=2).map(tuple),
)
academies = st.lists(profiles, max_size=8)
states = st.builds(
    State,
    id=st.just(""),
    conflict=st.sampled_from([None, "släkt"]),
    paused=st.booleans(),
    open_cases=st.integers(0, 3),
    capacity=st.one_of(st.none(), st.integers(0, 3)),
    asked_days_ago=st.one_of(st.none(), st.integers(0, 90)),
)
always = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@always
@given(academies, texts, st.randoms(use_true_random=False), st.data())
def test_the_order_of_the_members_does_not_matter(academy, text, random, data):
    given_states = {each.id: data.draw(states) for each in academy}
    shuffled = list(academy)
    random.shuffle(shuffled)
    for top in (0, 3):
        assert Matcher(academy).rank(text, given_states, top) == Matcher(shuffled).rank(text, given_states, top)


@always
@given(academies, texts, st.sampled_from(["", "och i the", "🎉 12"]))
def test_an_empty_profile_changes_nothing_for_the_others(academy, text, nothing):
    empty = Profile("empty", "Ada", bio=nothing, keywords=("",))
    before = Matcher(academy).rank(text, top=0)
    after = Matcher([*academy, empty]).rank(text, top=0)
    assert tuple(each for each in after.ranking if each.member != "empty") == before.ranking
    assert after.confidence == before.confidence
    assert Matcher([empty, *academy]).rank(text) == Matcher(academy).rank(text)


@always
@given(academies, texts)
def test_no_reason_quotes_what_is_not_there(academy, text):
    by_id = {each.id: each for each in academy}
    for each in Matcher(academy).rank(text, top=0).ranking:
        assert each.reasons or each.score == 0
        for reason in each.reasons:
            assert reason.field in FIELDS
            assert reason.asked
            assert reason.asked in text
            assert reason.profile
            assert any(reason.profile in there for there in by_id[each.member].texts(reason.field))


@always
@given(academies, texts, st.data(), st.integers(1, 5))
def test_each_member_is_shown_or_left_out_at_most_once(academy, text, data, top):
    given_states = {each.id: data.draw(states) for each in academy}
    ranking = Matcher(academy).rank(text, given_states, top)
    shown = [each.member for each in ranking.ranking]
    left = [each.member for each in ranking.left_out]
    assert len(shown) <= top
    assert len({*shown, *left}) == len(shown) + len(left)
    assert all(given_states[member].why_not() is None for member in shown)
    assert all(each.why == given_states[each.member].why_not() for each in ranking.left_out)
    assert all(0 < each.score <= 1 for each in ranking.ranking)
    assert (ranking.confidence == "none") == (not shown)


@always
@given(academies, texts, profiles)
def test_one_changed_profile_is_the_same_as_reading_all_anew(academy, text, changed):
    grown = Matcher(academy).updated(changed)
    assert grown.rank(text, top=0) == Matcher([*academy, changed]).rank(text, top=0)
    assert grown.without(changed.id).rank(text, top=0) == Matcher(academy).rank(text, top=0)
    for each in academy[:1]:
        other = replace(changed, id=each.id)
        assert Matcher(academy).updated(other).rank(text) == Matcher([other, *academy[1:]]).rank(text)


@settings(deadline=None, max_examples=10)
@given(st.lists(st.sampled_from(FIELD_WORDS), min_size=1, max_size=30))
def test_ten_thousand_words_are_only_a_long_request(some):
    text = " ".join(some * (10_000 // len(some) + 1))
    matcher = Matcher(MEMBERS)
    assert matcher.rank(text) == matcher.rank(text)


def test_a_long_word_and_open_markup_are_read_to_the_end():
    for text in ("å" * 200_000, "<" * 50_000, "<a " * 20_000, "&" * 50_000, "a\u0301" * 10_000):
        assert Matcher(MEMBERS).rank(text).confidence == "none"
