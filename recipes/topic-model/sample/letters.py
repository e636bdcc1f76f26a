"""Invented letters from citizens to an invented municipality, about three things; no person or place in them exists.

Each letter is put together from sentences written for the purpose, so that what a method finds can be checked against
what was put in.
"""

import random

PLACES = {
    "da": ("Møllevej", "Skovgade", "Havneallé", "Kirkestræde", "Engvænget", "Nørrebakken", "Åløkken", "Torvegade"),
    "en": ("Mill Road", "Wood Street", "Harbour Avenue", "Church Lane", "Meadow Close", "North Hill", "Market Street"),
}
SENTENCES = {
    "da": {
        "trafik": (
            "Cykelstien langs {p} er fuld af huller, og cyklisterne kører ud på vejen.",
            "Bilerne kører alt for hurtigt på {p}, og der er intet fodgængerfelt.",
            "Vi ønsker et bump eller et skilt, så trafikken sænker farten ved {p}.",
            "Bussen standser ikke længere ved {p}, og næste stoppested er langt væk.",
            "Lastbiler holder på cykelstien ved {p} hver eneste morgen.",
            "Krydset ved {p} er farligt for cyklister, især når bilerne svinger til højre.",
            "Der mangler belysning på stien mellem {p} og stationen.",
            "Parkering på begge sider af {p} gør, at busser ikke kan komme forbi.",
            "En cyklist blev ramt af en bil i krydset ved {p} i sidste uge.",
            "Farten på {p} burde være 40 km/t, men ingen bilister overholder hastigheden.",
            "Sneen bliver ikke ryddet på cykelstien, så cyklisterne vælter.",
            "Vejarbejdet på {p} har varet i månedsvis, og trafikken holder stille.",
            "Lyskrydset ved {p} skifter så hurtigt, at gående ikke når over vejen.",
            "Vi foreslår en cykelsti hele vejen til stationen, så flere cykler.",
        ),
        "skole": (
            "Vuggestuen har for få pædagoger, og børnene er alene om eftermiddagen.",
            "Vores barn har ikke fået plads i den børnehave, vi havde valgt.",
            "Skolen ved {p} har 28 elever i klassen og kun én lærer.",
            "Pædagogerne i børnehaven gør en stor indsats, men de er for få.",
            "Min søn har brug for støtte i klassen, og skolen svarer ikke.",
            "Ventelisten til vuggestue er på ni måneder, og barselsorloven slutter snart.",
            "Børnene i SFO'en har ikke haft en fast pædagog siden sommerferien.",
            "Læreren i klassen er sygemeldt, og eleverne har vikar hver dag.",
            "Toiletterne på skolen ved {p} er så beskidte, at børnene holder sig.",
            "Forældrene i børnehaven er bekymrede over nedskæringerne.",
            "Skolebestyrelsen blev ikke hørt, før klasserne blev lagt sammen.",
            "Maden i børnehaven er god, men der er for lidt tid til børnene.",
            "Eleverne lærer ikke nok, når timerne bliver aflyst gang på gang.",
            "Vi beder om flere pædagoger pr. barn i vuggestuen ved {p}.",
        ),
        "affald": (
            "Skraldespanden er ikke blevet tømt i tre uger på {p}.",
            "Affaldet flyder ved containerne på {p}, og det tiltrækker rotter.",
            "Der er kommet nye beholdere til plast og pap, men de er for små.",
            "Vi vil gerne sortere madaffald, men har ikke fået poser.",
            "Renovationen kommer så tidligt, at spandene ikke når ud til vejen.",
            "Genbrugspladsen lukker kl. 16, så folk med arbejde ikke når det.",
            "Skraldebilen kører forbi vores beholder uden at tømme den.",
            "Gebyret for affald er steget igen, selv om tømningen er blevet ringere.",
            "Glascontaineren ved {p} har været fyldt siden nytår.",
            "Ingen kan forstå sorteringen: hvor skal mælkekartoner og plast hen?",
            "Storskrald bliver stillet ud på fortovet på {p} og ligger i ugevis.",
            "Vi har fået fire spande, men der er kun plads til to ved rækkehusene.",
            "Papcontaineren er overfyldt, og pappet blæser rundt i kvarteret.",
            "Hvornår bliver beholderen til madaffald tømt om sommeren, hvor den lugter?",
        ),
    },
    "en": {
        "traffic": (
            "The cycle path along {p} is full of holes, and cyclists swerve into the road.",
            "Cars drive far too fast on {p}, and there is no pedestrian crossing.",
            "We would like a speed bump or a sign so that traffic slows down at {p}.",
            "The bus no longer stops at {p}, and the next bus stop is far away.",
            "Lorries park on the cycle path at {p} every single morning.",
            "The junction at {p} is dangerous for cyclists, above all when cars turn right.",
            "There is no street lighting on the path between {p} and the station.",
            "Parking on both sides of {p} means that buses cannot pass.",
            "A cyclist was hit by a car at the junction at {p} last week.",
            "The speed limit on {p} ought to be 40, but no driver keeps to the speed.",
            "Snow is not cleared from the cycle path, so cyclists fall.",
            "The road works on {p} have lasted for months, and traffic stands still.",
            "The traffic lights at {p} change so fast that people on foot cannot cross the road.",
            "We suggest a cycle path all the way to the station so that more people cycle.",
        ),
        "school": (
            "The nursery has too few teachers, and the children are alone in the afternoon.",
            "Our child did not get a place in the kindergarten that we had chosen.",
            "The school at {p} has 28 pupils in a class and only one teacher.",
            "The staff of the kindergarten work hard, but there are too few of them.",
            "My son needs support in class, and the school does not answer.",
            "The waiting list for a nursery place is nine months, and my parental leave ends soon.",
            "The children in after-school care have had no steady staff since the summer holiday.",
            "The class teacher is on sick leave, and the pupils have a substitute every day.",
            "The toilets at the school at {p} are so dirty that children avoid them.",
            "Parents of the kindergarten are worried about the cuts.",
            "The school board was not heard before the classes were merged.",
            "The food in the kindergarten is good, but there is too little time for the children.",
            "Pupils do not learn enough when lessons are cancelled again and again.",
            "We ask for more staff per child in the nursery at {p}.",
        ),
        "waste": (
            "The bin has not been emptied for three weeks on {p}.",
            "Rubbish lies around the containers at {p}, and it attracts rats.",
            "New bins for plastic and cardboard have come, but they are too small.",
            "We would like to sort food waste, but we have been given no bags.",
            "The waste collection comes so early that the bins are not out by the road.",
            "The recycling centre closes at 4 pm, so people with jobs cannot reach it.",
            "The rubbish lorry drives past our bin without emptying it.",
            "The fee for waste has gone up again although bins are emptied less often.",
            "The glass container at {p} has been full since New Year.",
            "Nobody understands the sorting: where do milk cartons and plastic go?",
            "Bulky waste is put out on the pavement at {p} and lies there for weeks.",
            "We were given four bins, but there is room for only two at the terraced houses.",
            "The cardboard container overflows, and cardboard blows around the neighbourhood.",
            "When will the food waste bin be emptied in summer, when it smells?",
        ),
    },
}
OPENINGS = {"da": ("Kære kommune.", "Hej.", "Til forvaltningen."), "en": ("Dear council.", "Hello.", "To the council.")}
CLOSINGS = {
    "da": ("Venlig hilsen en borger.", "Vi håber på et svar.", "Med venlig hilsen."),
    "en": ("Kind regards, a citizen.", "We hope for an answer.", "Yours sincerely."),
}


def letter(theme: str, language: str, draw: random.Random, *, aside: str = "", sentences: int = 4) -> str:
    """A letter on `theme`, with one sentence on `aside` where one is named."""
    chosen = draw.sample(SENTENCES[language][theme], sentences)
    if aside:
        chosen.insert(draw.randrange(1, len(chosen)), draw.choice(SENTENCES[language][aside]))
    filled = [sentence.format(p=draw.choice(PLACES[language])) for sentence in chosen]
    return " ".join([draw.choice(OPENINGS[language]), *filled, draw.choice(CLOSINGS[language])])
