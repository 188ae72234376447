"""A profile as a whole, as it is compared with a whole request: by its letters, and by its gist."""

from typing import NamedTuple

from bot.matching.gist import NO_GIST, Gist
from bot.matching.letters import NO_GRAMS, Grams, grams_of
from bot.matching.profiles import Profile
from bot.matching.reading import Reader


class Whole(NamedTuple):
    """The 4-grams of everything that a profile says, and its gist; empty where nobody compares by them."""

    grams: Grams
    gist: Gist


NOTHING = Whole(NO_GRAMS, NO_GIST)


def whole(profile: Profile, reader: Reader) -> Whole:
    """Read a profile as a whole."""
    stages = reader.stages
    grams = grams_of(profile) if stages.letters or stages.gist else NO_GRAMS
    gist = reader.lexicon.taxonomy.gists.of(grams) if stages.gist and stages.terms else NO_GIST
    return Whole(grams, gist)
