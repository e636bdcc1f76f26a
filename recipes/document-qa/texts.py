"""What the recipe says. (Danish, English)."""

import documents
import llm
import personal
import questions
from words import Texts

TEXTS: Texts = {
    **documents.TEXTS,
    **personal.TEXTS,
    **questions.TEXTS,
    **llm.TEXTS,
    # on the way
    "doing-read": ("Læser dokumenterne", "Reading the documents"),
    "did-read": (
        "Filer: {files}. Tekststykker: {passages}. Spørgsmål: {questions}",
        "Files: {files}. Passages: {passages}. Questions: {questions}",
    ),
    "doing-look": ("Finder steder, der kan svare", "Finding places that may answer"),
    "doing-write": ("Skriver svar {n} af {all}", "Writing answer {n} of {all}"),
    "done": ("Færdig. Begynd med output/report.html.", "Done. Begin with output/report.html."),
    # what stops it
    "stop-few": (
        "Der er kun {n} tekststykke at lede i. Giv flere eller længere dokumenter.",
        "There is only {n} passage to look in. Give more or longer documents.",
    ),
    "stop-many": (
        "Der er {n} tekststykker; opskriften tager højst {most}. Gør dem længere med passage_words, eller del "
        "samlingen.",
        "There are {n} passages; the recipe takes at most {most}. Make them longer with passage_words, or split the "
        "collection.",
    ),
    "stop-no-words": (
        "Dokumenterne har ingen ord at lede i. Er det den rigtige kolonne?",
        "The documents have no words to look in. Is it the right column?",
    ),
    # the page
    "kicker": ("Spørgsmål til egne dokumenter", "Questions to your own documents"),
    "title": ("{questions} spørgsmål til {files} dokumenter", "{questions} questions to {files} documents"),
    "title-one": ("Et spørgsmål til {files} dokumenter", "A question to {files} documents"),
    "answer-quotes": (
        "{n} af {all} spørgsmål har steder, der ligner et svar.",
        "{n} of {all} questions have places that look like an answer.",
    ),
    "lead-quotes": (
        "Alt herunder er citater fra dine dokumenter. Ingen model har skrevet noget.",
        "All below is quotation from your documents. No model has written anything.",
    ),
    "answer-llm": (
        "{n} af {all} svar står helt på citater, der er set efter.",
        "{n} of {all} answers rest wholly on quotations that were checked.",
    ),
    "lead-llm": (
        "Modellen {model} har skrevet svarene på {device} ud fra stederne nedenunder. At et citat findes, gør ikke "
        "svaret "
        "rigtigt: læs stedet.",
        "The model {model} wrote the answers on {device} from the places below them. That a quotation is there does "
        "not "
        "make the answer right: read the place.",
    ),
    "tile-questions": ("spørgsmål", "questions"),
    "tile-found": ("har steder, der ligner et svar", "have places that look like an answer"),
    "tile-not": ("ikke fundet", "not found"),
    "tile-alarm": ("af meningsløse spørgsmål slipper igennem", "of meaningless questions slip through"),
    "tile-checked": ("svar med alle citater fundet", "answers with all quotations found"),
    "h-cover": ("Står svaret der?", "Is the answer there?"),
    "caption-cover": (
        "Hvor meget af spørgsmålet det bedste sted rummer; sjældne ord vejer mest. Grå spørgsmål er ikke bedre "
        "dækket end "
        "tilfældige ord.",
        "How much of the question the best place holds; rare words weigh most. Grey questions are covered no better "
        "than "
        "random words.",
    ),
    "alt-cover": ("Dækning: {values}", "Cover: {values}"),
    "h-answers": ("Svarene", "The answers"),
    "not-found": ("Ikke fundet i dokumenterne.", "Not found in the documents."),
    "not-found-note": (
        "Intet sted rummer mere af spørgsmålet, end tilfældige ord ville. Det nærmeste:",
        "No place holds more of the question than random words would. The nearest:",
    ),
    "not-found-nothing": ("Ingen af spørgsmålets ord står der.", "None of the question's words are there."),
    "more": ("{n} steder til", "{n} more places"),
    "model-no": (
        "Modellen: svaret står ikke i de steder, den fik.",
        "The model: the answer is not in the places it got.",
    ),
    "model-says": ("Modellen skriver:", "The model writes:"),
    "claim-checked": ("citatet står der", "the quotation is there"),
    "claim-cited": ("henvist, men uden citat", "cited, but without a quotation"),
    "claim-wrong": ("CITATET STÅR IKKE DER", "THE QUOTATION IS NOT THERE"),
    "claim-uncited": ("UDEN KILDE", "NO SOURCE"),
    "doubtful": (
        "Mindst én sætning herover kan ikke føres tilbage til dokumenterne. Brug den ikke.",
        "At least one sentence above cannot be traced to the documents. Do not use it.",
    ),
    "disagree": (
        "Modellen svarer, selv om intet sted rummer ret meget af spørgsmålet. Læs ekstra grundigt.",
        "The model answers although no place holds much of the question. Read with extra care.",
    ),
    "places": ("Stederne", "The places"),
    "h-warnings": ("Læg mærke til", "Take note"),
    "warn-words": (
        "Steder findes ved ord, ikke ved mening: stil spørgsmålet med de ord, dokumenterne bruger, og på deres sprog.",
        "Places are found by words, not by meaning: put the question in the words that the documents use, and in their "
        "language.",
    ),
    "h-not": ("Hvad det ikke siger", "What it does not say"),
    "not-absent": (
        "»Ikke fundet« betyder, at ordene ikke står sammen. Det beviser ikke, at svaret ikke er der.",
        "“Not found” means that the words do not stand together. It does not prove that the answer is not there.",
    ),
    "not-true": (
        "At det står i et dokument, gør det ikke rigtigt eller gældende.",
        "That a document says so does not make it right or still in force.",
    ),
    "not-all": (
        "De bedste steder er ikke alle steder. Modsiger dokumenterne hinanden, ser du det måske ikke.",
        "The best places are not all places. If the documents contradict each other, you may not see it.",
    ),
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-passages": (
        "Dokumenterne er delt i stykker på omkring {n} ord ved sætningsgrænser.",
        "The documents are cut into passages of about {n} words at the ends of sentences.",
    ),
    "method-find": (
        "Steder findes ved BM25 over ordstammer og latent semantisk analyse, lagt sammen efter rang, og ordnes "
        "efter, hvor "
        "meget af spørgsmålet de rummer.",
        "Places are found by BM25 over word stems and latent semantic analysis, put together by rank, and ordered by "
        "how "
        "much of the question they hold.",
    ),
    "method-limit": (
        "Grænsen for »fundet« er, hvad spørgsmål af tilfældige ord fra dokumenterne når én gang ud af 20, dog mindst "
        "{least} "
        "og højst {most}. På {n} andre tilfældige spørgsmål slap {alarm} igennem.",
        "The limit for “found” is what questions of random words from the documents reach once in 20, though at least "
        "{least} and at most {most}. Of {n} other random questions, {alarm} slipped through.",
    ),
    "method-llm": (
        "Modellen fik højst {n} steder pr. spørgsmål og besked om at citere ordret eller sige nej. Hvert citat er "
        "søgt i det "
        "sted, det henviser til.",
        "The model got at most {n} places a question and was told to quote word for word or say no. Each quotation was "
        "looked for in the place it names.",
    ),
    "footer": (
        "lavet {made} · document-qa {version} · Python {python}, scikit-learn {sklearn}, numpy {numpy} · frø {seed}",
        "made {made} · document-qa {version} · Python {python}, scikit-learn {sklearn}, numpy {numpy} · seed {seed}",
    ),
    # tables
    "head-question": ("spørgsmål", "question"),
    "head-status": ("fundet", "found"),
    "head-answer": ("modellens_svar", "model_answer"),
    "head-checked": ("citater_fundet", "quotations_found"),
    "head-rank": ("plads", "rank"),
    "head-file": ("fil", "file"),
    "head-at": ("række_eller_side", "row_or_page"),
    "head-cover": ("dækning", "cover"),
    "head-quote": ("citat", "quotation"),
    "yes": ("ja", "yes"),
    "no": ("nej", "no"),
}
