"""Invented members of an academy, of the fields a city's social services ask about."""

from bot.matching.profiles import Profile

ASTRID = Profile(
    id="astrid",
    name="Astrid Vikander",
    title="Professor i socialt arbete",
    university="Lunds universitet",
    keywords=("hemlöshet", "Bostad först", "vräkning"),
    bio="Forskar om barnfamiljer som förlorar sin bostad och om boendestöd i svenska kommuner.",
    publications=("Vräkta barn: en registerstudie", "Lågtröskelboende i tre städer"),
)
BERTIL = Profile(
    id="bertil",
    name="Bertil Ljungdal",
    title="Docent i psykologi",
    university="Uppsala universitet",
    keywords=("våld i nära relationer", "barn som upplevt våld"),
    bio="Relationsvåld, våldsutövare och behandling av barn som bevittnat misshandel.",
    publications=("Islandsmodellen i praktiken",),
)
CECILIA = Profile(
    id="cecilia",
    name="Cecilia Ekmark",
    title="Lektor i folkhälsovetenskap",
    keywords=("missbruk", "ASI", "IPS"),
    bio="Beroendevård, personligt stöd till arbete och genus.",
)
DAVID = Profile(
    id="david",
    name="David Rosenlund",
    title="Professor i kriminologi",
    keywords=("unga och kriminalitet", "SIG"),
    bio="Följer sociala insatsgrupper och allvarssamtal.",
)
EBBA = Profile(
    id="ebba",
    name="Ebba Molander",
    title="Docent i statistik",
    keywords=("effektmätning", "enkäter", "registerstudier"),
    bio="Utvärdering och individbaserad systematisk uppföljning, ISU.",
    evidence=("Vi ville veta om föräldrastödet fungerar. Lärdom: mät före och efter med samma formulär.",),
)
FIONA = Profile(
    id="fiona",
    name="Fiona Ashgrove",
    title="Senior lecturer",
    keywords=("foster care", "implementation"),
    bio="She studies the implementation of parenting programmes in child welfare.",
    lang="en",
)
GUSTAV = Profile(id="gustav", name="Gustav Åkervall")

MEMBERS = (ASTRID, BERTIL, CECILIA, DAVID, EBBA, FIONA, GUSTAV)
