"""The words of every request: who works there, how they work, that something is to be known. They tell little of what
this one is about, as long as it says anything else."""

from bot.matching.words import root

_SWEDISH = """
    handläggare personal medarbetare kollega kollegor chef enhetschef biträdande socialsekreterare socionom
    biståndshandläggare mottagning stadsdelsdirektör avdelningschef verksamhetschef ekonomichef samordnare processledare
    metodutvecklare utvecklingsledare arbetsgrupp team ledningsgrupp nämnd politiker budget lokal lokaler vecka procent
    miljoner projekt rapport underlag material person personer fall möter träffar märker svensk erfarenhet erfarenheter
    insats insatser metod metoder grupp grupper modell arbetssätt plan planen system rutin rutiner kvalitet resultat
    effekt deltagare område områden månad månader termin höst hösten våren tid dagar timmar gång gånger samtal möte
    möten kunskap forskning forskningen studie studier evidens exempel skillnad del delar början slutet form
"""

_ENGLISH = """
    staff manager managers unit team teams colleagues officer officers research evidence study studies knowledge method
    methods people person persons group groups model project report plan result results
"""

SURROUNDINGS = frozenset(root(word, "sv") for word in _SWEDISH.split()) | frozenset(
    root(word, "en") for word in _ENGLISH.split()
)
"""What these words are found under."""
