"""Everyday Swedish words whose stem is another word's: papper is no inflection of pappa. They stand for themselves."""

_WORDS = """
    papp papper papperet pappret papperen pappren persona
    person personen personens personer personerna personers persons personlig personligt personliga personligen
    personlighet personligheten personligheter
    vikt vikten viktig viktigt viktiga viktigare viktigast viktigaste viktor
    fatt fatta fattar fattas fattade fattat fort fortare internet vapen vapnen
    jävlig jävligt jävliga match matchen matcher matcherna värd värda värde värdet värden värdena värdar
    brist bristen brister bristerna bristande kristen kristna flashback agent agenter tour
    styrelse styrelsen styrelser anda andan andas ande anden pilot piloter vite viten sektor sektorn sektorer
    roma romarna romare utslag utslaget psykos psykosen psykoser kommit
"""

MISLEADING = frozenset(_WORDS.split())
