"""All sentences konsult says, in Swedish and English: one folder of gettext catalogues for each language."""

from bot.wording.catalogues import LANGUAGES, Sentence, catalogue, say, say_n
from bot.wording.voice import Words, words

__all__ = ["LANGUAGES", "Sentence", "Words", "catalogue", "say", "say_n", "words"]
