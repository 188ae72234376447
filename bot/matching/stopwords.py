"""Words that carry no subject: the small words of Swedish and English and the courtesies of a request."""

_SWEDISH = """
    alla allt alltid alltså andra annan annat att av bara bland blev bli blir blivit borde bra bör de dem den
    denna dennes deras dess dessa det detta dig din dina ditt dock dom du där därför då efter eftersom egen
    eget egna eller emot en enda endast enligt ens er era ert ett exempel fanns fick finns flera fler
    flesta fram framför från få får fått för före första föra ge genom ger gjort gå går gått gör göra
    ha hade haft han hans har hela hellre helt hennes hon honom hos hur här i ibland icke igen igenom in
    inför ingen inget inga innan inom inte ja jag ju just kan kanske kom komma kommer kring kunde kunna
    kvar lika lite ligger låta man med medan mellan men mer mera mest mig min mina mindre minst mitt mot mycket
    många måste ned nej ni nog nu nya ny nytt någon något några nån nåt när nära o och också olika om oss
    osv ovan på redan rätt samma samt sedan ses sett sig sin sina sitt ska skall skulle som
    står så sådan sådana sådant ta tar tas till tills tillsammans trots två tre under upp ur ut utan utanför utav vad
    var vara varandra varför varit varje vars vart vem vems verkar vet vi vid vidare vilka vilken vilket vill
    vår våra vårt väl än ändå ännu är åt åter över
    ex tex mfl etc dvs ca ang bl
    hej hejsan tack mvh vänliga hälsningar snälla gärna tacksam tacksamma undrar undrade funderar fundera
    behöver behov behövs önskar önskas önskemål söker hjälp hjälpa hjälper hjälpte fråga frågor frågan frågar
    frågeställning
    konsultation förfrågan hitta vända prata diskutera bolla tips råd rådgivning
    stadsdel stadsdelen stadsdelens stadsdelar stadsdelsförvaltning stadsdelsförvaltningen verksamhet
    verksamheten verksamheter enhet enheten enheter förvaltning förvaltningen kommun kommunen staden stad
    arbetar arbeta arbete arbetet jobbar jobba använda använder används handlar gäller vore skulle tänker
    tänkt tror ser se titta kolla veta känner vilja velat snart idag nuvarande sätt sättet saker sak ting
    säga säger tycka tycker år året åren
    forskare forskaren ledamot ledamöter expert kunnig kontakt
"""

_ENGLISH = """
    a about above after again against all also am among an and any are as at be because been before being
    below between both but by can cannot could did do does doing done down during each either else etc even
    ever every few for from further get gets got had has have having he her here hers him his how however i if
    in into is it its itself just like made make many may me might more most much must my no nor not now of
    off on once one only or other our ours out over own per please quite rather same shall she should since
    so some such than that the their theirs them themselves then there these they this those through thus to
    too under until up upon us use used uses using very via was we were what when where whether which while
    who whom whose why will with within without would yet you your yours
    hello hi dear thanks thank regards help need needs needed want wants wanted looking look wonder wondering
    question questions advice advise know knows find someone anyone anybody somebody researcher researchers
    consultation request
"""

SWEDISH = frozenset(_SWEDISH.split())
ENGLISH = frozenset(_ENGLISH.split())
SWEDISH_ONLY = SWEDISH - ENGLISH
ENGLISH_ONLY = ENGLISH - SWEDISH
EITHER = SWEDISH | ENGLISH
