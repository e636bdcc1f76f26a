"""What the recipe says. (Danish, English)."""

import documents
import embedding
import personal
import questions
from words import Texts

TEXTS: Texts = {
    **documents.TEXTS,
    **personal.TEXTS,
    **embedding.TEXTS,
    **questions.TEXTS,
    # on the way
    "doing-read": ("Læser dokumenterne", "Reading the documents"),
    "did-read": (
        "Filer: {files}. Tekststykker: {passages}. Søgninger: {queries}",
        "Files: {files}. Passages: {passages}. Searches: {queries}",
    ),
    "doing-index": ("Bygger indekset", "Building the index"),
    "doing-search": ("Søger", "Searching"),
    "doing-near": ("Leder efter gentagelser", "Looking for repetitions"),
    "done": ("Færdig. Begynd med output/report.html.", "Done. Begin with output/report.html."),
    # what stops it
    "stop-few": (
        "Der er kun {n} tekststykke at søge i. Giv flere eller længere dokumenter.",
        "There is only {n} passage to search in. Give more or longer documents.",
    ),
    "stop-many": (
        "Der er {n} tekststykker; opskriften tager højst {most}. Gør dem længere med passage_words, eller del "
        "samlingen.",
        "There are {n} passages; the recipe takes at most {most}. Make them longer with passage_words, or split the "
        "collection.",
    ),
    "stop-no-words": (
        "Dokumenterne har ingen ord at søge i. Er det den rigtige kolonne?",
        "The documents have no words to search in. Is it the right column?",
    ),
    "stop-judged": (
        "{file} skal have to kolonner: søgningen og den fil, der svarer på den.",
        "{file} must have two columns: the search and the file that answers it.",
    ),
    "stop-judged-file": (
        "{file}, linje {line}: {name} er ikke blandt dokumenterne.",
        "{file}, line {line}: {name} is not among the documents.",
    ),
    # the page
    "kicker": ("Søgning i egne dokumenter", "Search in your own documents"),
    "title": ("{queries} søgninger i {files} dokumenter", "{queries} searches in {files} documents"),
    "title-one": ("En søgning i {files} dokumenter", "A search in {files} documents"),
    "answer": (
        "{n} af {all} søgninger gav noget, der ligner et svar.",
        "{n} of {all} searches gave something like an answer.",
    ),
    "answer-embeddings": (
        "{all} søgninger er besvaret med de nærmeste steder.",
        "{all} searches are answered with the nearest places.",
    ),
    "lead": (
        "Et sted tæller, når det har mere af søgningens ord, end 19 af 20 søgninger på tilfældige ord finder.",
        "A place counts when it has more of the search's words than 19 of 20 searches for random words find.",
    ),
    "lead-embeddings": (
        "Modellen finder altid noget. Hvor tæt det er på at svare, må du læse: ligheden siger det ikke.",
        "The model always finds something. How near it is to an answer you must read: the likeness does not say.",
    ),
    "tile-files": ("dokumenter", "documents"),
    "tile-passages": ("tekststykker", "passages"),
    "tile-recall": ("af de rigtige dokumenter er blandt de første 5", "of the right documents are among the first 5"),
    "tile-near": ("par af steder, der næsten siger det samme", "pairs of places that say nearly the same"),
    "h-strength": ("Hvor godt dækkes søgningerne?", "How well are the searches covered?"),
    "caption-strength": (
        "Hvor meget af søgningen det bedste sted rummer; sjældne ord vejer mest. Grå søgninger er ikke bedre dækket "
        "end "
        "tilfældige ord.",
        "How much of the search the best place holds; rare words weigh most. Grey searches are covered no better than "
        "random words.",
    ),
    "alt-strength": ("Dækning: {values}", "Cover: {values}"),
    "h-hits": ("Det, der blev fundet", "What was found"),
    "weak": (
        "Intet sted rummer mere af søgningen, end tilfældige ord ville finde. Det står næppe i dokumenterne, i hvert "
        "fald "
        "ikke med disse ord.",
        "No place holds more of the search than random words would find. It is hardly in the documents, at least not "
        "in "
        "these words.",
    ),
    "nothing": ("Ingen af søgningens ord står i dokumenterne.", "None of the search's words are in the documents."),
    "more-hits": ("{n} til", "{n} more"),
    "h-quality": ("Hvor god er søgningen?", "How good is the search?"),
    "quality-lead": (
        "Målt på dine {n} bedømte søgninger er det første dokument rigtigt i {first} af dem, mod {chance} i tilfældig "
        "orden; {recall} af de rigtige er blandt de første 5.",
        "Measured on your {n} judged searches, the first document is right in {first} of them, against {chance} in "
        "random "
        "order; {recall} of the right ones are among the first 5.",
    ),
    "quality-same": (
        "Forskellen mellem metoderne er ikke større, end tilfældet kan give.",
        "The difference between the methods is no larger than chance can make.",
    ),
    "quality-better": (
        "{best} er bedre end ren ordsøgning, mere end tilfældet kan give.",
        "{best} is better than plain word search, more than chance can make.",
    ),
    "quality-few": (
        "Med færre end {least} bedømte søgninger siger tallene kun lidt. Bedøm flere.",
        "With fewer than {least} judged searches the figures say little. Judge more.",
    ),
    "quality-none": (
        "Ingen søgninger er bedømt, så hvor god den er på dine dokumenter, ved vi ikke. Skriv {file} med en søgning "
        "og den fil, "
        "der svarer på den, på hver linje; 20 er en begyndelse.",
        "No searches are judged, so how good it is on your documents is not known. Write {file} with a search and "
        "the file "
        "that answers it on each line; 20 is a beginning.",
    ),
    "col-method": ("Metode", "Method"),
    "col-first": ("Første rigtig", "First right"),
    "col-recall": ("Recall ved 5", "Recall at 5"),
    "words": ("ordsøgning (BM25)", "word search (BM25)"),
    "meaning-light": ("ord, der optræder sammen (LSA)", "words that occur together (LSA)"),
    "meaning-embeddings": ("betydning ({model})", "meaning ({model})"),
    "both": ("begge, lagt sammen", "both, put together"),
    "chance": ("tilfældig orden", "random order"),
    "caption-quality": (
        "Andelen af bedømte søgninger, hvis første dokument er rigtigt.",
        "The share of judged searches whose first document is right.",
    ),
    "h-near": ("Steder, der næsten siger det samme", "Places that say nearly the same"),
    "near-note": (
        "{n} par deler mindst {least} af deres tre-ords-følger. Kopier tæller dobbelt i alt, hvad du tæller op.",
        "{n} pairs share at least {least} of their runs of three words. Copies count twice in all that you count.",
    ),
    "near-none": ("Ingen.", "None."),
    "col-first-place": ("Sted", "Place"),
    "col-second-place": ("Andet sted", "Other place"),
    "col-alike": ("Fælles", "Shared"),
    "h-warnings": ("Læg mærke til", "Take note"),
    "warn-light": (
        "Den lette metode finder ord og dele af ord, ikke mening: den oversætter ikke, og et synonym, som "
        "dokumenterne aldrig "
        "bruger sammen med dit ord, finder den ikke.",
        "The light method finds words and parts of words, not meaning: it does not translate, and a synonym that the "
        "documents never use near your word it does not find.",
    ),
    "h-not": ("Hvad det ikke siger", "What it does not say"),
    "not-absent": (
        "At intet findes, er ikke bevis for, at intet står der.",
        "That nothing is found is no proof that nothing is there.",
    ),
    "not-true": ("At noget står der, gør det ikke rigtigt.", "That something is there does not make it true."),
    "not-all": (
        "De første steder er ikke alle steder. Skal du have dem alle (et review, en aktindsigt), så er dette ikke nok.",
        "The first places are not all places. If you need all of them (a review, a request for access), this is not "
        "enough.",
    ),
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-passages": (
        "Dokumenterne er delt i stykker på omkring {n} ord ved sætningsgrænser.",
        "The documents are cut into passages of about {n} words at the ends of sentences.",
    ),
    "method-light": (
        "BM25 over ordstammer og latent semantisk analyse over ord og bogstavfølger, lagt sammen efter rang (k = 60).",
        "BM25 over word stems and latent semantic analysis over words and runs of letters, put together by rank (k = "
        "60).",
    ),
    "method-embeddings": (
        "BM25 over ordstammer og cosinus mellem punkter fra {model}, lagt sammen efter rang (k = 60).",
        "BM25 over word stems and the cosine between points from {model}, put together by rank (k = 60).",
    ),
    "method-cover": (
        "Dækning: andelen af søgningens ord, som stedet rummer, hvor sjældne ord vejer mest. Grænsen er, hvad 200 "
        "søgninger "
        "på tilfældige ord når én gang ud af 20, dog mindst {least} og højst {most}.",
        "Cover: the share of the search's words that the place holds, where rare words weigh most. The limit is what "
        "200 "
        "searches for random words reach once in 20, though at least {least} and at most {most}.",
    ),
    "method-index": (
        "index.npz rummer stykkernes punkter i den orden, passages.csv har. Punkter kan røbe teksten bag: pas på dem "
        "som på "
        "teksten selv.",
        "index.npz holds the passages' points in the order of passages.csv. Points can give away the text behind them: "
        "guard them as the text itself.",
    ),
    "footer": (
        "lavet {made} · embedding-search {version} · Python {python}, scikit-learn {sklearn}, numpy {numpy} · frø "
        "{seed}",
        "made {made} · embedding-search {version} · Python {python}, scikit-learn {sklearn}, numpy {numpy} · seed "
        "{seed}",
    ),
    # tables
    "head-query": ("søgning", "search"),
    "head-rank": ("plads", "rank"),
    "head-file": ("fil", "file"),
    "head-at": ("række_eller_side", "row_or_page"),
    "head-part": ("stykke", "passage"),
    "head-words": ("ordscore", "word_score"),
    "head-meaning": ("lighed", "likeness"),
    "head-cover": ("dækning", "cover"),
    "head-weak": ("svag", "weak"),
    "head-text": ("tekst", "text"),
    "head-alike": ("fælles", "shared"),
    "head-file2": ("fil_2", "file_2"),
    "head-at2": ("række_eller_side_2", "row_or_page_2"),
}
