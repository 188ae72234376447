"""The stages of the matching, each of which can be switched off to see what it is worth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stages:
    """Which stages run. `stems` joins inflections, `compounds` takes Swedish compounds apart, `abbreviations` keeps
    capitals apart from small letters, `spelling` resolves unknown words to known ones, `everyday` counts a common word
    less than a rare one, `terms` knows the concepts of the field, `scattered` finds them where their words stand apart,
    `signs` where only their situation is told, `likeness` joins words that share most of their letters, `letters`
    compares whole texts by their character n-grams, `gist` by the concepts that their letters resemble, `focus` counts
    the question more than what surrounds it, `fields` counts a keyword more than a word of a text."""

    stems: bool = True
    compounds: bool = True
    abbreviations: bool = True
    spelling: bool = True
    everyday: bool = True
    terms: bool = True
    scattered: bool = True
    signs: bool = True
    likeness: bool = True
    letters: bool = True
    gist: bool = True
    focus: bool = True
    fields: bool = True
