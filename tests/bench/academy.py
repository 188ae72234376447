"""Academies of any size: invented profiles in words of the taxonomy and of everyday Swedish, and requests to them."""

import random

import wordfreq

from bot.matching.profiles import Profile
from bot.matching.taxonomy import standard

SEED = 7


def members(count: int) -> list[Profile]:
    """So many members, each with a few fields of their own, in about a hundred words."""
    dice = random.Random(SEED)
    concepts = list(standard().concepts.values())
    everyday = wordfreq.top_n_list("sv", 20_000, wordlist="large")
    return [_member(number, dice, concepts, everyday) for number in range(count)]


def requests(count: int) -> list[str]:
    """So many requests, of one to three sentences."""
    dice = random.Random(SEED + 1)
    concepts = list(standard().concepts.values())
    everyday = wordfreq.top_n_list("sv", 20_000, wordlist="large")
    return [
        " ".join(
            f"Vi vill veta mer om {dice.choice(dice.choice(concepts).swedish)} och {_words(dice, everyday, 8)}."
            for _ in range(dice.randint(1, 3))
        )
        for _ in range(count)
    ]


def text_of(profile: Profile) -> str:
    """Everything that a profile says, as the peers read it."""
    return " ".join([profile.title, *profile.keywords, profile.bio, *profile.publications])


def _member(number: int, dice: random.Random, concepts: list, everyday: list[str]) -> Profile:
    own = dice.sample(concepts, 6)
    return Profile(
        id=str(number),
        name=f"Ledamot {number}",
        title=f"Docent i {own[0].name}",
        keywords=tuple(dice.choice(concept.swedish) for concept in own),
        bio=f"Forskar om {own[1].name} och {own[2].name}. {_words(dice, everyday, 40)}.",
        publications=tuple(f"{concept.name.capitalize()}: {_words(dice, everyday, 8)}" for concept in own[:3]),
    )


def _words(dice: random.Random, everyday: list[str], count: int) -> str:
    """Words as often as they are in ordinary texts, roughly: the rarer a word, the rarer it is drawn."""
    return " ".join(everyday[int(len(everyday) ** dice.random()) - 1] for _ in range(count))
