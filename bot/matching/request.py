"""A request, read against the index: its subjects, words and concepts, each with what in the profiles answers it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.matching import focus
from bot.matching.everyday import telling
from bot.matching.index import Index
from bot.matching.lexicon import Span
from bot.matching.links import AREA, Link, abbreviation_links, area_links, concept_links, word_links
from bot.matching.reading import CONCEPT
from bot.matching.spelling import Meant, meant
from bot.matching.stopwords import EITHER
from bot.matching.surroundings import SURROUNDINGS
from bot.matching.words import Language, Placed, Word, has_swedish_letters, language, placed

CONCEPTS = 1.5
"""How much a concept counts beside a word."""

TOLD = 0.14
MOST_TOLD = 5
"""How much it counts that a concept is told of without being named, and how many such concepts are looked at."""

INSIDE = 0.6
"""How much a concept counts that is only a part of a compound."""

ABBREVIATED = 1.5
"""How much an abbreviation counts beside a word: it names one thing and nothing else."""

CHOSEN = 3.0
"""How much a concept or an area counts that whoever asks has chosen."""

SURROUNDING = 0.3
LEAST_SAID = 3
"""How much a word of every request counts in a request of more than so many words."""

KEPT_LINKS = 20_000
"""So many words' links are kept with an index."""

MOST_WORDS = 400
"""So many different words of a request are looked at; what follows says nothing new."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A word or a concept of the request, as it is written there, with how much it counts and what answers it. `key` is
    what it is found under itself, `concept` says that it is a concept, `part` that this is only a part of a compound,
    `corrected` that it was not written so."""

    asked: str
    key: str
    weight: float
    links: tuple[Link, ...]
    concept: bool = False
    part: bool = False
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """A word of the request: where it stands, what was meant by it, what that is found under, how sure it is that this
    was meant (1 when it stands there so), and how much its sentence counts."""

    place: Placed
    written: str
    key: str
    sure: float
    weight: float


def subjects_of(text: str, index: Index, lang: str | None = None, topics: Sequence[str] = ()) -> tuple[Subject, ...]:
    """The subjects of a request in the order they are first written; said again, a subject counts a little more.
    `lang` decides where the text does not show its own language. `topics` are concepts and areas that the asker has
    chosen."""
    written = placed(text)
    tongue = language([each.word for each in written], lang or "sv")
    said = _said(text, written, index, tongue)
    spans = list(_spans(said, index, tongue)) if index.reader.stages.terms else []
    named = _concepts(text, said, spans, index)
    told = _told(said, index, tongue, {subject.key for subject in named})
    return (*_words(said, spans, index, tongue), *named, *told, *_chosen(topics, index))


def _chosen(topics: Sequence[str], index: Index) -> Iterator[Subject]:
    """The concepts and areas that the asker has chosen, each quoted by its name."""
    taxonomy = index.reader.lexicon.taxonomy
    for topic in topics:
        if topic in taxonomy.concepts:
            yield Subject(topic, CONCEPT + topic, CHOSEN, tuple(concept_links(topic, index)), concept=True)
        elif (area := taxonomy.areas.get(topic.removeprefix(AREA))) is not None and topic.startswith(AREA):
            yield Subject(area.sv, CONCEPT + topic, CHOSEN, tuple(area_links(area.key, index)), concept=True)


def _said(text: str, written: Sequence[Placed], index: Index, tongue: Language) -> list[_Said]:
    """The words that carry a subject, each as it was meant."""
    stages = index.reader.stages
    rings = has_swedish_letters(text)
    small = not any(character.isupper() for character in text)
    weights = focus.weights(text, written) if stages.focus else {}
    found = []
    for each in written:
        word = _capitals(each.word, index) if small else each.word
        if not stages.abbreviations:
            word = word._replace(abbreviation=False)
        other = _meant(word, index, rings=rings) if stages.spelling and tongue == "sv" else None
        if other is None:
            other = Meant(word.key, index.reader.keys(word, tongue)[0], 1.0)
            if word.small:
                continue
        elif other.written in EITHER:
            continue
        place = each._replace(word=word)
        found.append(_Said(place, other.written, other.key, other.strength, weights.get(each.sentence, 1.0)))
    return found


def _meant(word: Word, index: Index, *, rings: bool) -> Meant | None:
    """What a word was meant to be; what was asked lately is kept with the index."""
    asked = (word, rings)
    if asked not in index.links:
        if len(index.links) >= KEPT_LINKS:
            index.links.clear()
        index.links[asked] = meant(word, index, rings=rings)
    found: Meant | None = index.links[asked]
    return found


def _words(said: Sequence[_Said], spans: Sequence[Span], index: Index, tongue: Language) -> list[Subject]:
    """The words of the request. One that stands in the name of a concept counts besides only as far as the members
    write in the request's language: the concept speaks for the others."""
    covered = {each.key for span in spans if not span.inside for each in said[span.start : span.end]}
    share = index.share(tongue)
    first: dict[str, _Said] = {}
    counts: dict[str, float] = {}
    for each in said:
        first.setdefault(each.key, each)
        counts[each.key] = counts.get(each.key, 0.0) + each.weight
    found = []
    for key, each in list(first.items())[:MOST_WORDS]:
        links = _links(each, index, tongue)
        if each.place.word.key not in EITHER or links:
            tells = telling(each.written, tongue) if index.reader.stages.everyday else 1.0
            weight = _times(counts[key]) * (ABBREVIATED if each.place.word.abbreviation else tells)
            weight *= _telling(key, said) * (share if key in covered else 1.0)
            found.append(Subject(each.place.word.text, key, weight, links, corrected=each.sure < 1))
    return found


def _links(said: _Said, index: Index, tongue: Language) -> tuple[Link, ...]:
    """What answers a word; what was asked lately is kept with the index."""
    word = said.place.word
    asked = (said.written, word.abbreviation, said.sure, tongue)
    cached = index.links.get(asked)
    if cached is None:
        if word.abbreviation:
            found = abbreviation_links(index.reader.keys(word, tongue), index)
        else:
            found = word_links(said.key, said.written, tongue, index)
        if said.sure < 1:
            found = [link._replace(strength=said.sure * link.strength) for link in found]
        if len(index.links) >= KEPT_LINKS:
            index.links.clear()
        cached = index.links[asked] = tuple(found)
    return cached


def _concepts(text: str, said: Sequence[_Said], spans: Sequence[Span], index: Index) -> list[Subject]:
    """The concepts of the request, each quoted as it is first written."""
    first: dict[str, Span] = {}
    counts: dict[str, float] = {}
    for span in spans:
        if span.concept not in first or (first[span.concept].inside and not span.inside):
            first[span.concept] = span
        weight = said[span.start].weight * (INSIDE if span.inside else 1.0)
        counts[span.concept] = counts.get(span.concept, 0.0) + weight
    return [
        Subject(
            _quoted(text, said[span.start].place, said[span.end - 1].place),
            CONCEPT + concept,
            CONCEPTS
            * _times(counts[concept])
            * _telling(" ".join(each.key for each in said[span.start : span.end]), said),
            tuple(concept_links(concept, index)),
            concept=True,
            part=span.inside and span.end == span.start + 1,
            corrected=any(each.sure < 1 for each in said[span.start : span.end]),
        )
        for concept, span in list(first.items())[:MOST_WORDS]
    ]


def _telling(key: str, said: Sequence[_Said]) -> float:
    """How much a word of every request tells, or a concept that is nothing but such a word, beside others."""
    return SURROUNDING if key in SURROUNDINGS and len(said) > LEAST_SAID else 1.0


def _quoted(text: str, first: Placed, last: Placed) -> str:
    """The words of the request from one to another; where markup stands between them, the first alone."""
    quoted = text[first.start : last.end]
    return text[first.start : first.end] if "<" in quoted else quoted


def _told(said: Sequence[_Said], index: Index, tongue: Language, named: set[str]) -> Iterator[Subject]:
    """The concepts that are not named, but of which several words of the request tell."""
    if not index.reader.stages.terms or not index.reader.stages.signs:
        return
    told = [each for each in index.reader.lexicon.told([each.key for each in said], tongue)
            if CONCEPT + each.concept not in named]  # fmt: skip
    for each in told[:MOST_TOLD]:
        sentence = min(said[place].weight for place in each.places)
        links = tuple(link._replace(via="related") for link in concept_links(each.concept, index))
        asked = said[each.places[0]].place.word.text
        yield Subject(asked, CONCEPT + each.concept, TOLD * each.weight * sentence, links, concept=True)


def _spans(said: Sequence[_Said], index: Index, tongue: Language) -> Iterator[Span]:
    """The concepts in the words that stand together, then those in words that stand apart in one sentence."""
    lexicon = index.reader.lexicon
    yield from lexicon.find([each.key for each in said], tongue)
    if index.reader.stages.scattered:
        start = 0
        for _, sentence in groupby(said, key=lambda each: each.place.sentence):
            keys = [each.key for each in sentence]
            for span in lexicon.scattered(keys, tongue):
                yield span._replace(start=span.start + start, end=span.end + start)
            start += len(keys)


def _capitals(word: Word, index: Index) -> Word:
    """A word of a text without a single capital: an abbreviation of the field, when it can be nothing else."""
    if word.small or word.key not in index.reader.lexicon.names.short or not index.reader.stages.terms:
        return word
    known = index.reader.lexicon.names.vocabulary.get(index.reader.key(word.key, "sv"), 0)
    return word if known else word._replace(abbreviation=True)


def _times(counts: float) -> float:
    """What a subject counts that stands so often in the request."""
    return counts if counts <= 1 else 1 + math.log(counts)
