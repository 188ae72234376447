"""Swedish compounds, taken apart against the words of the profiles: föräldrastöd holds stöd, and a request
for stöd finds who writes föräldrastöd."""

from bot.matching.index import Index

SHORTEST_PART = 4
SHORTEST_LONE_PART = 5

_VOWELS = frozenset("aeiouyåäöé")
_ENDINGS = (
    "ande ande anden arna aste asten else elser ende erna etern heten hets igare igast ingen ingar ings isera "
    "isering itet iteten lige liga ligt liga ligen ligast ligare ling lingen logi ning ningen ningar skap "
    "skapet skaps tion ation"
)
_PREFIXES = (
    "anti efter emellan eller fram före förut genom hemma igen infra inter kontra mellan meta mikro makro mono "
    "multi mång omkring para post sino super tele till trans ultra under uppe utan vice åter över övers"
)
NO_PART = frozenset(_ENDINGS.split()) | frozenset(_PREFIXES.split())


def parts(word: str, index: Index) -> tuple[str, ...]:
    """The known words a compound begins and ends with. A single part that is known counts when it is long
    enough and what is left looks like a word."""
    heads = [end for end in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if word[:end] in index.swedish]
    tails = [start for start in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if word[start:] in index.swedish]
    heads = [end for end in heads if could_be_word(word[end:])]
    tails = [start for start in tails if could_be_word(word[:start])]
    head = max(heads, default=0)
    tail = min((start for start in tails if start >= head), default=0)
    if head and tail:
        return word[:head], word[tail:]
    lone = word[:head] if head else word[tail:] if tail else ""
    return (lone,) if len(lone) >= SHORTEST_LONE_PART else ()


def compounds(part: str, index: Index) -> tuple[str, ...]:
    """The compounds of the profiles that begin or end with a word."""
    if len(part) < SHORTEST_PART:
        return ()
    ending = [word for word in index.ending_with(part) if could_be_word(word[: -len(part)])]
    starting = [word for word in index.starting_with(part) if could_be_word(word[len(part) :])]
    return tuple(dict.fromkeys(ending + starting))


def could_be_word(rest: str) -> bool:
    """Whether what is left of a compound can be a word itself, and not an ending or a prefix."""
    bare = rest.removeprefix("s").removesuffix("s")
    return len(bare) >= SHORTEST_PART and bare not in NO_PART and rest not in NO_PART and not _VOWELS.isdisjoint(bare)
