"""Topics: what a question may be about, as whoever asks has chosen, and as people read it."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from bot import glossaries
from bot.matching.choices import Choice as Topic
from bot.matching.links import AREA
from bot.wording import Words

__all__ = ["MOST", "Topic", "chosen_topics", "name", "names", "offered"]

MOST = 10
"""So many can be offered at once."""


def chosen_topics(session: Session, organisation_id: int, keys: Sequence[str]) -> tuple[Topic, ...]:
    """The topics with these keys, in their order; one that was chosen long ago may be gone, and is left out."""
    if not keys:
        return ()
    taxonomy = glossaries.taxonomy_of(session, organisation_id)
    found: list[Topic] = []
    for key in keys:
        if concept := taxonomy.concepts.get(key):
            found.append(Topic(key, concept.name, next(iter(concept.en), concept.name)))
        elif key.startswith(AREA) and (area := taxonomy.areas.get(key.removeprefix(AREA))):
            found.append(Topic(key, area.sv, area.en, area=True))
    return tuple(found)


def offered(choices: Sequence[Topic], ticked: Sequence[Topic]) -> tuple[Topic, ...]:
    """What there is to choose from, at most `MOST`: the choices in their order, with whatever was ticked before."""
    kept = {each.key for each in ticked}
    room = max(0, MOST - len(kept))
    new = [each.key for each in choices if each.key not in kept][:room]
    shown = [each for each in choices if each.key in kept or each.key in new]
    there = {each.key for each in shown}
    return (*shown, *(each for each in ticked if each.key not in there))


def name(words: Words, topic: Topic) -> str:
    """What the topic is called in the reader's language."""
    return topic.en if words.language == "en" else topic.sv


def names(words: Words, topics: Iterable[Topic]) -> str:
    """Topics in one line; an area says that it is one."""
    return words.names(
        words("topic.within", area=name(words, each)) if each.area else name(words, each) for each in topics
    )
