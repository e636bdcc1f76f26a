"""What the recipe says. (Danish, English)."""

import documents
import embedding
import personal
from words import Texts

TEXTS: Texts = {
    **documents.TEXTS,
    **personal.TEXTS,
    **embedding.TEXTS,
    # on the way
    "doing-read": ("Læser teksterne", "Reading the texts"),
    "did-read": (
        "Filer: {files}. Tekster: {texts}. Ord, der går igen: {words}",
        "Files: {files}. Texts: {texts}. Words that recur: {words}",
    ),
    "doing-topics": ("Prøver med {n} emner", "Trying {n} topics"),
    "doing-groups": ("Grupperer teksterne", "Grouping the texts"),
    "doing-chance": ("Prøver det samme på blandede ord", "Trying the same on shuffled words"),
    "done": (
        "Færdig. Begynd med output/report.html; emnerne skal læses og navngives af dig.",
        "Done. Begin with output/report.html; the topics must be read and named by you.",
    ),
    # what stops it
    "stop-few": (
        "Der er kun {n} tekster, og mindst {least} skal til, før ord kan danne emner. Har du lange tekster, så prøv "
        "med "
        "unit=passage.",
        "There are only {n} texts, and at least {least} are needed for words to form topics. With long texts, try "
        "unit=passage.",
    ),
    "stop-many": (
        "Der er {n} tekster; opskriften tager højst {most}. Tag en tilfældig del af dem.",
        "There are {n} texts; the recipe takes at most {most}. Take a random part of them.",
    ),
    "stop-no-words": (
        "Teksterne har næsten ingen ord til fælles, så der er ikke noget at danne emner af. Er det den rigtige "
        "kolonne?",
        "The texts have hardly any words in common, so there is nothing to form topics from. Is it the right column?",
    ),
    "stop-topics": (
        "{n} emner er for mange til {texts} tekster; vælg højst {most}.",
        "{n} topics are too many for {texts} texts; choose at most {most}.",
    ),
    "stop-alone": (
        "Ingen tekster ligger tæt nok på hinanden til at danne grupper. Sig med topics, hvor mange du vil have, "
        "eller brug "
        "engine=light.",
        "No texts lie near enough to each other to form groups. Say with topics how many you want, or use "
        "engine=light.",
    ),
    # the page
    "kicker": ("Emner i tekster", "Topics in texts"),
    "title": ("Hvad handler {n} tekster om?", "What are {n} texts about?"),
    "yes": (
        "Teksterne falder i {n} emner, der kommer igen.",
        "The texts fall into {n} topics that come back.",
    ),
    "little": (
        "{n} emner, men de kommer kun lidt oftere igen end tilfældige.",
        "{n} topics, but they come back only a little more often than chance ones.",
    ),
    "no": (
        "Ingen emner, der holder: blandede ord giver lige så gode.",
        "No topics that hold: shuffled words give equally good ones.",
    ),
    "lead-light": (
        "Tager man fire femtedele af teksterne og begynder forfra, kommer de samme ord sammen igen: stabiliteten er "
        "{stability} (0 til 1). Er ordene blandet tilfældigt mellem teksterne, er den {chance}.",
        "Take four fifths of the texts and begin anew, and the same words come together again: stability is "
        "{stability} "
        "(0 to 1). With the words shuffled at random among the texts it is {chance}.",
    ),
    "lead-embeddings": (
        "Tager man fire femtedele af teksterne og begynder forfra, kommer de samme tekster sammen igen: stabiliteten "
        "er "
        "{stability} (0 til 1). Er det, modellen ser, blandet tilfældigt, er den {chance}.",
        "Take four fifths of the texts and begin anew, and the same texts come together again: stability is "
        "{stability} "
        "(0 to 1). With what the model sees shuffled at random it is {chance}.",
    ),
    "lead-names": (
        "Emnernes navne er deres vægtigste ord. Hvad de betyder, ser du først, når du læser teksterne bag.",
        "The topics' names are their weightiest words. What they mean you see only by reading the texts behind them.",
    ),
    "tile-texts": ("tekster", "texts"),
    "tile-passages": ("tekststykker", "passages"),
    "tile-topics": ("emner", "topics"),
    "tile-stability": ("stabilitet, mod {chance} ved tilfældet", "stability, against {chance} by chance"),
    "tile-clear": ("har ét tydeligt emne", "have one clear topic"),
    "h-topics": ("Emnerne", "The topics"),
    "caption-sizes": (
        "Andelen af teksterne, der har hvert emne som det vægtigste. En tekst kan have flere.",
        "The share of texts that have each topic as their weightiest. A text can have several.",
    ),
    "alt-sizes": ("Emnernes størrelse: {values}", "The topics' sizes: {values}"),
    "col-topic": ("Emne", "Topic"),
    "col-words": ("Ord, de vægtigste først", "Words, the weightiest first"),
    "col-texts": ("Tekster", "Texts"),
    "col-share": ("Andel", "Share"),
    "col-stability": ("Stabilitet", "Stability"),
    "col-coherence": ("Sammenhæng", "Coherence"),
    "measures": (
        "Stabilitet: hvor sikkert emnet kommer igen (0 til 1). Sammenhæng: om dets ord står i de samme tekster (1 "
        "altid, "
        "0 som ved tilfældet).",
        "Stability: how surely the topic comes back (0 to 1). Coherence: whether its words stand in the same texts "
        "(1 always, 0 as by chance).",
    ),
    "unsteady": (
        "Emne {topics} kommer ikke oftere igen end tilfældige emner. Læg ikke vægt på det.",
        "Topic {topics} comes back no more often than chance topics. Do not lean on it.",
    ),
    "h-passages": ("Læs, før du navngiver", "Read before you name"),
    "passages-note": (
        "De tekster, hvor emnet vejer tungest. Emner med færre end 5 tekster vises ikke.",
        "The texts in which the topic weighs most. Topics of fewer than 5 texts are not shown.",
    ),
    "topic-name": ("{n}. {words}", "{n}. {words}"),
    "h-number": ("Hvorfor {n} emner?", "Why {n} topics?"),
    "caption-number": (
        "Hvor sikkert emnerne kommer igen, og hvor meget deres ord hører sammen, for hvert antal. Den stiplede linje "
        "er det "
        "valgte. En anden top er en finere eller grovere inddeling, der også holder: vælg den med topics.",
        "How surely the topics come back, and how much their words belong together, for each number. The dashed line "
        "is "
        "the one chosen. Another peak is a finer or coarser division that holds too: choose it with topics.",
    ),
    "given-number": (
        "Du valgte {n} emner; andre antal er ikke prøvet.",
        "You chose {n} topics; no other number was tried.",
    ),
    "axis-number": ("0 til 1, efter antal emner", "0 to 1, by number of topics"),
    "stability": ("stabilitet", "stability"),
    "coherence": ("sammenhæng", "coherence"),
    "h-trend": ("Over årene", "Over the years"),
    "trend-up": (
        "{topic} vokser: fra {first} i {from_year} til {last} i {to_year} (p = {p}).",
        "{topic} grows: from {first} in {from_year} to {last} in {to_year} (p = {p}).",
    ),
    "trend-down": (
        "{topic} falder: fra {first} i {from_year} til {last} i {to_year} (p = {p}).",
        "{topic} falls: from {first} in {from_year} to {last} in {to_year} (p = {p}).",
    ),
    "trend-flat": ("{topic}: ingen sikker ændring.", "{topic}: no sure change."),
    "few-texts": ("færre end {n} tekster", "fewer than {n} texts"),
    "trend-none": (
        "Der er færre end tre år med mindst 5 tekster, så en udvikling kan ikke vises.",
        "There are fewer than three years with at least 5 texts, so no development can be shown.",
    ),
    "caption-trend": (
        "Emnets andel af årets tekster med 95 % interval. År med færre end 5 tekster om emnet er ikke vist.",
        "The topic's share of the year's texts with 95% interval. Years with fewer than 5 texts on the topic are not "
        "shown.",
    ),
    "trend-what": (
        "Udviklingen er i de tekster, du har, ikke i verden: flere breve om et emne kan også komme af, at flere "
        "skriver.",
        "The development is in the texts you have, not in the world: more letters on a topic can also mean more people "
        "writing.",
    ),
    "h-compare": ("Mod den lette metode", "Against the light method"),
    "compare": (
        "Emnernes ord hører sammen med {ours} i gennemsnit. Den lette metode, der kun tæller ord og ingen GPU "
        "bruger, når "
        "{light} med lige så mange emner. {verdict}",
        "The topics' words belong together by {ours} on average. The light method, which only counts words and uses no "
        "GPU, reaches {light} with as many topics. {verdict}",
    ),
    "compare-better": ("Modellen er bedre her.", "The model is better here."),
    "compare-not": ("Modellen tjener ikke sin GPU hjem her.", "The model does not earn its GPU here."),
    "h-warnings": ("Læg mærke til", "Take note"),
    "warn-language": (
        "Teksterne er på både dansk og engelsk ({counts}). Ordene kan så skille sprogene i stedet for emnerne; kør "
        "hvert sprog "
        "for sig.",
        "The texts are both Danish and English ({counts}). Words may then divide the languages instead of the "
        "topics; run "
        "each language by itself.",
    ),
    "language-da": ("{n} danske", "{n} Danish"),
    "language-en": ("{n} engelske", "{n} English"),
    "language-other": ("{n} uvisse", "{n} not sure"),
    "warn-other": (
        "{share} af teksterne er hverken dansk eller engelsk efter deres småord at dømme. Opskriften kender kun "
        "småord på de "
        "to sprog; giv andres med leave_out.",
        "{share} of the texts are neither Danish nor English by their small words. The recipe knows the small words of "
        "those two only; give others with leave_out.",
    ),
    "warn-no-words": (
        "{n} tekster havde ingen ord tilbage og er udeladt.",
        "{n} texts had no words left and are left out.",
    ),
    "warn-no-year": (
        "{n} tekster har intet årstal og er ikke med over årene.",
        "{n} texts have no year and are not in the figures over the years.",
    ),
    "h-not": ("Hvad det ikke siger", "What it does not say"),
    "not-meaning": (
        "Et emne er ord, der optræder sammen. Om det er et tema i din faglige forstand, er din vurdering.",
        "A topic is words that occur together. Whether it is a theme in your field's sense is your judgement.",
    ),
    "not-stance": ("Det siger ikke, om nogen er for eller imod.", "It does not say whether anyone is for or against."),
    "not-number": (
        "Der findes ikke ét rigtigt antal emner. Prøv det næste antal, og se, om det bliver til at forstå.",
        "There is no one right number of topics. Try the next number and see whether it makes more sense.",
    ),
    "not-rare": (
        "Sjældne emner bliver slugt af de store. At noget ikke er her, betyder ikke, at ingen skrev det.",
        "Rare topics are swallowed by the large ones. That something is not here does not mean that nobody wrote it.",
    ),
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-light": (
        "Ord vægtes med TF-IDF, og emner findes ved ikke-negativ matrixfaktorisering (NMF). Småord og hilsner er "
        "udeladt.",
        "Words are weighted by TF-IDF and topics found by non-negative matrix factorisation (NMF). Small words and "
        "greetings are left out.",
    ),
    "method-embeddings": (
        "Teksternes betydning er regnet ud af modellen {model}; grupper er fundet med {how} og navngivet med "
        "klassevis TF-IDF. "
        "Tekster, der ligger alene, har intet emne.",
        "The texts' meaning is computed by the model {model}; groups are found by {how} and named by class-based "
        "TF-IDF. "
        "Texts that lie alone have no topic.",
    ),
    "method-merge": (
        "Bøjninger er lagt sammen (skole, skolen, skolerne) efter enkle regler; et ord vises i sin hyppigste form.",
        "Inflections are merged (school, schools) by simple rules; a word is shown in its commonest form.",
    ),
    "method-unit": (
        "Lange tekster er delt i stykker på omkring {n} ord.",
        "Long texts are cut into passages of about {n} words.",
    ),
    "method-stability": (
        "Stabilitet: {runs} nye tilpasninger på fire femtedele af teksterne; emner sammenlignes ved deres {top} "
        "vægtigste ord "
        "(Greene m.fl. 2014). Tilfældet: ordene blandet mellem teksterne {shuffles} gange.",
        "Stability: {runs} new fits on four fifths of the texts; topics compared by their {top} weightiest words "
        "(Greene "
        "et al. 2014). Chance: the words shuffled among the texts {shuffles} times.",
    ),
    "method-trend": (
        "Udvikling: Cochran-Armitages test for trend, p-værdier rettet for antallet af emner (Holm).",
        "Development: the Cochran-Armitage test for trend, p values corrected for the number of topics (Holm).",
    ),
    "footer": (
        "filer: {files} · lavet {made} · topic-model {version} · Python {python}, scikit-learn {sklearn}, numpy "
        "{numpy} · "
        "frø {seed}",
        "files: {files} · made {made} · topic-model {version} · Python {python}, scikit-learn {sklearn}, numpy "
        "{numpy} · "
        "seed {seed}",
    ),
    # files
    "head-file": ("fil", "file"),
    "head-at": ("række_eller_side", "row_or_page"),
    "head-part": ("stykke", "passage"),
    "head-year": ("år", "year"),
    "head-topic": ("emne", "topic"),
    "head-weight": ("vægt_{n}", "weight_{n}"),
    "head-words": ("ord", "words"),
    "head-texts": ("tekster", "texts"),
    "head-share": ("andel", "share"),
    "head-stability": ("stabilitet", "stability"),
    "head-coherence": ("sammenhæng", "coherence"),
}
