"""Danish and English as a bag of words needs them: tokens, function words, light stems, sentences, and which it is.

The lists and rules are written for this project: the words that carry grammar rather than content, the openings and
closings of letters, and the commonest inflections. They are deliberately short; a recipe takes more words as a
parameter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DANISH = _set("""
ad af alle aldrig allerede alligevel alt altid altså anden andet andre at bare begge blev blevet bliver bliv
blive både da de den denne dens der deres derfor derfra deri derved det dette dig din dine dit disse dog du
efter eftersom egen eget egne ej eller ellers en end endda endnu enten er et få fandt fik flere fleste for
fordi forbi fra frem får før først gang gennem gerne gik giver give gjorde gjort gør gøre går gå godt ham han
hans har have havde hel hele helt hen hende hendes her herfra hertil hos hun hvad hvem hver hvilke hvilken
hvilket hvis hvor hvordan hvorfor hvornår i igen igennem ikke imellem imens imod ind inden ingen intet ja jeg
jer jeres jo kan kom komme kommer kun kunne langt lad lige ligger man mange med meget mellem men mens mere
mest mig min mindre mindst mine mit må måske måtte ned nej nemlig netop noget nogen nogle nok nu når nær
næsten nødt og også om omkring op os over overfor overhovedet på pga sagde sammen se ser selv selvom senere
siden sig siger sin sine sit skal skulle som sådan således stadig står så tage tager temmelig til
tilbage tit tværs ud uden udover under var vi via ville vil vor vores vore være været ved vel
""")
ENGLISH = _set("""
a about above across after again against all almost along already also although always am among an and another
any anyone anything are around as at away be became because become been before behind being below between both
but by can cannot come comes could did do does doing done down during each either else enough even ever every
everyone everything few first for from further gave get gets getting give given go goes going got had has have
having he her here hers herself him himself his how however i if in instead into is it its itself just keep
kept last least less let like made make makes many may me might mine more most much must my myself near nearly
never no nobody none nor not nothing now of off often on once one only or other others our ours out over own
perhaps put quite rather really said same say says see seem seems seen she should since so some someone
something sometimes soon still such take taken takes than that the their them themselves then there therefore
these they thing things this those though through thus to together too took toward towards two under until up
upon us use used very via was way we well went were what when where whether which while who whole whom whose
why will with within without would yet you your yours
""")
# What a question asks with rather than about; a document that answers "what does it cost" need not say "cost".
QUESTION = _set("""
længe ofte koste koster kostede ny nye nyt gælder findes sker skete foregår hedder betyder bruges fortæl forklar
long often cost costs new mean means happen happens happened called applies tell explain per
""")
GREETINGS = _set("""
hej kære goddag hilsen hilsner venlig venlige mvh vh tak undertegnede dear hello hi regards sincerely kind
thank thanks yours faithfully best
""")
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_DANISH_ENDINGS = (
    "erernes", "ererne", "ernes", "erne", "erens", "endes", "heden", "eres", "ende", "eren", "ered", "erer", "enes",
    "edes", "ere", "ene", "ede", "eds", "ens", "ers", "ets", "er", "en", "et", "es", "ed", "e",
)  # fmt: skip
_ENGLISH_ENDINGS = ("ings", "ies", "ing", "eds", "ed", "es", "e", "y")
_ABBREVIATIONS = _set("""
f.eks bl.a ca nr kl dvs osv mv m.v m.fl m.m jf pga hr fr dr prof st stk kap evt inkl ekskl mio mia max min tlf
vedr e.g i.e etc mr mrs ms fig no vol pp al vs approx
""")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, without numbers and single letters."""
    return [word for word in _TOKEN.findall(text.lower()) if len(word) > 1]


def guess_language(text: str) -> str:
    """`da` or `en` by which one's function words there are more of; empty when there are too few to say."""
    words = tokens(text[:20_000])
    danish = sum(word in DANISH and word not in ENGLISH for word in words)
    english = sum(word in ENGLISH and word not in DANISH for word in words)
    if danish + english < 2 or danish == english:
        return ""
    return "da" if danish > english else "en"


def function_words(language: str) -> frozenset[str]:
    """The words of a language that carry no content; both languages' when it is not known."""
    return {"da": DANISH, "en": ENGLISH}.get(language, DANISH | ENGLISH) | GREETINGS


def stem(word: str, language: str) -> str:
    """The word without its commonest inflection: skole, skolen and skolerne are one; letters are cut, none made up."""
    least = 3
    for ending in _ENGLISH_ENDINGS if language == "en" else _DANISH_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    if word.endswith("s") and len(word) > least + (language != "en"):
        word = word[:-1]
        if language == "en" and word.endswith("e") and len(word) > least:
            word = word[:-1]
    if len(word) > least and word[-1] == word[-2] and word[-1] not in "aeiouyæøå":
        word = word[:-1]
    return word


def terms(text: str, language: str = "", *, merge: bool = True, leave_out: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The content words of a text as (term, the word as it stood); without `merge` the term is the word itself."""
    chosen = language or guess_language(text)
    out = function_words(chosen) | set(leave_out)
    found = []
    for word in tokens(text):
        if word in out or len(word) < 3:
            continue
        found.append((stem(word, chosen) if merge else word, word))
    return found


def commonest_forms(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each term the form that it most often has, to show in its place."""
    forms: dict[str, Counter[str]] = {}
    for term, word in pairs:
        forms.setdefault(term, Counter())[word] += 1
    # Of equally common forms the shorter one, then the first by alphabet, so that two runs show the same.
    return {term: min(counts, key=lambda w: (-counts[w], len(w), w)) for term, counts in forms.items()}


def sentences(text: str) -> list[str]:
    """A text's sentences. A full stop after an abbreviation or between numbers (3. 5. 2024) is no end."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=[-*#•\d])", text):
        start = 0
        flat = " ".join(block.split())
        for mark in re.finditer(r"[.!?]+[\"”»«')\]]*\s+(?=[\"“«»('\[]?[A-ZÆØÅÄÖÉ0-9])", flat):
            before = flat[start : mark.start()].rsplit(" ", 1)[-1].lower().strip("(\"'")
            number = before.isdigit() and flat[mark.end()].isdigit()
            initial = len(before) == 1 and before.isalpha()
            if flat[mark.start()] == "." and (before in _ABBREVIATIONS or number or initial):
                continue
            found.append(flat[start : mark.end()].strip())
            start = mark.end()
        if flat[start:].strip():
            found.append(flat[start:].strip())
    return found


def languages(texts: Sequence[str]) -> dict[str, int]:
    """How many of the texts are Danish, English, or neither for sure."""
    counts = Counter(guess_language(text) or "other" for text in texts)
    return {name: counts[name] for name in ("da", "en", "other") if counts[name]}
