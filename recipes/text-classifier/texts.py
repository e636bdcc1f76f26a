"""What the recipe says. (Danish, English)."""

import documents
import personal
from words import Texts

TEXTS: Texts = {
    **documents.TEXTS,
    **personal.TEXTS,
    # on the way
    "doing-read": ("Læser teksterne", "Reading the texts"),
    "did-read": (
        "Tekster med etiket: {labelled}, uden: {unknown}. Klasser: {classes}",
        "Texts with a label: {labelled}, without: {unknown}. Classes: {classes}",
    ),
    "doing-repeat": ("Krydsvalidering, gentagelse {n} af {all}", "Cross-validation, repeat {n} of {all}"),
    "doing-curve": ("Prøver med færre etiketter", "Trying with fewer labels"),
    "doing-unknown": ("Giver de {n} tekster uden etiket en", "Labelling the {n} texts without a label"),
    "done": ("Færdig. Begynd med output/report.html.", "Done. Begin with output/report.html."),
    "tune-no-model": (
        "Modellen {name} kan ikke hentes eller indlæses her: {why}. Har stedet internet, eller ligger modellen der "
        "allerede (HF_HOME)?",
        "The model {name} cannot be fetched or loaded here: {why}. Has the place internet, or is the model there "
        "already (HF_HOME)?",
    ),
    "tune-memory": (
        "GPU'ens hukommelse løb ud med {batch} tekster ad gangen. Prøv med færre (batch), kortere tekster (max_tokens) "
        "eller en større GPU.",
        "The GPU ran out of memory with {batch} texts at a time. Try fewer (batch), shorter texts (max_tokens) or a "
        "larger "
        "GPU.",
    ),
    "tune-device": ("{name} finjusteres på {device}", "{name} is fine-tuned on {device}"),
    "tune-epoch": (
        "{part}: epoke {epoch} af {epochs}, tab {loss}",
        "{part}: epoch {epoch} of {epochs}, loss {loss}",
    ),
    "tune-done": ("{part}: færdig fra før", "{part}: done before"),
    "tune-part": ("Fold {n} af {all}", "Fold {n} of {all}"),
    "tune-last": ("Alle etiketter", "All labels"),
    # what stops it
    "stop-no-labels": (
        "Etiketterne mangler. Giv en tabel med en kolonne med etiketter, eller læg filerne i en undermappe pr. etiket.",
        "The labels are missing. Give a table with a column of labels, or put the files in one subfolder per label.",
    ),
    "stop-few": (
        "Kun {n} tekster har en brugelig etiket; der skal mindst {least} til.",
        "Only {n} texts have a usable label; at least {least} are needed.",
    ),
    "stop-one-class": (
        "Der skal mindst to klasser til med {least} tekster i hver; her er {n}.",
        "At least two classes with {least} texts in each are needed; here there are {n}.",
    ),
    "stop-many-classes": (
        "Der er {n} klasser, og opskriften tager højst {most}. Er det den rigtige kolonne?",
        "There are {n} classes, and the recipe takes at most {most}. Is it the right column?",
    ),
    "stop-group-class": (
        "Alle tekster med etiketten {name} hører til én og samme gruppe, så de kan ikke både læres af og prøves på.",
        "All texts labelled {name} belong to one and the same group, so they cannot be both learned from and tested "
        "on.",
    ),
    "stop-fold-class": (
        "Grupperne er så store, at en klasse mangler i en fold. Prøv med færre folder.",
        "The groups are so large that a class is missing from a fold. Try fewer folds.",
    ),
    # remarks
    "label-spelling": (
        "{n} etiketter var kun forskellige i store og små bogstaver og er lagt sammen.",
        "{n} labels differed only in capitals and are merged.",
    ),
    "label-rare": (
        "{n} klasser har færre end {least} tekster og er udeladt.",
        "{n} classes have fewer than {least} texts and are left out.",
    ),
    "twins": (
        "{n} tekster siger ordret det samme som en anden. De holdes på samme side, når der prøves.",
        "{n} texts say word for word the same as another. They are kept on one side in testing.",
    ),
    "uneven": (
        "Klasserne er meget ulige store: se på balanceret træfsikkerhed, ikke på den almindelige.",
        "The classes differ much in size: look at balanced accuracy, not at the plain one.",
    ),
    "no-group": (
        "Har samme person skrevet flere af teksterne, så giv kolonnen med group; ellers er tallene for gode.",
        "If one person wrote several of the texts, give the column with group; otherwise the figures are too good.",
    ),
    # the page
    "kicker": ("Tekster i klasser", "Texts in classes"),
    "title": ("Kan teksterne sorteres i {n} klasser?", "Can the texts be sorted into {n} classes?"),
    "yes": ("Ja, klart bedre end at gætte.", "Yes, clearly better than guessing."),
    "little": ("Lidt bedre end at gætte, ikke mere.", "A little better than guessing, no more."),
    "no": ("Nej, ikke bedre end at gætte.", "No, no better than guessing."),
    "lead": (
        "På tekster, den ikke har set, rammer {model} i gennemsnit {score} af hver klasse rigtigt ({low} til "
        "{high}). Altid "
        "at gætte på den hyppigste klasse giver {guess}.",
        "On texts it has not seen, {model} gets on average {score} of each class right ({low} to {high}). Always "
        "guessing "
        "the commonest class gives {guess}.",
    ),
    "lead-ask": (
        "Lader du modellen klare de {kept}, den er mest sikker på, og selv tager resten, har den ret i {right} af "
        "sine.",
        "Leave the {kept} it is surest of to the model and take the rest yourself, and it is right in {right} of its "
        "own.",
    ),
    "lead-never": (
        "Den når ikke {wanted} rigtige, uanset hvor få tekster den får lov at klare: et menneske må se dem alle.",
        "It does not reach {wanted} right however few texts it is left with: a human must look at them all.",
    ),
    "guess": ("rent gæt", "plain guess"),
    "baseline": ("ordtælling og logistisk regression", "word counts and logistic regression"),
    "baseline-short": ("ordtælling", "word counts"),
    "tile-score": ("balanceret træfsikkerhed", "balanced accuracy"),
    "tile-guess": ("ved et rent gæt", "by a plain guess"),
    "tile-texts": ("tekster med etiket", "labelled texts"),
    "tile-ask": ("bør et menneske se på", "should be looked at by a human"),
    "h-scores": ("Bedre end et gæt?", "Better than a guess?"),
    "caption-scores": (
        "Balanceret træfsikkerhed, med 95 % interval: andelen, der rammes rigtigt, taget klasse for klasse, så en "
        "sjælden "
        "klasse tæller lige så meget som en hyppig.",
        "Balanced accuracy, with 95% interval: the share got right, taken class by class, so that a rare class "
        "counts as "
        "much as a common one.",
    ),
    "alt-scores": ("Balanceret træfsikkerhed: {values}", "Balanced accuracy: {values}"),
    "col-model": ("Model", "Model"),
    "balanced_accuracy": ("balanceret træfsikkerhed", "balanced accuracy"),
    "macro_f1": ("makro-F1", "macro F1"),
    "accuracy": ("træfsikkerhed", "accuracy"),
    "h-earned": ("Tjener den store model sin GPU hjem?", "Does the large model earn its GPU?"),
    "earned": (
        "Ja. På de samme folder er {name} {gain} procentpoint bedre end ordtælling ({low} til {high}).",
        "Yes. On the same folds {name} is {gain} percentage points better than word counts ({low} to {high}).",
    ),
    "not-earned": (
        "Nej. På de samme folder er forskellen {gain} procentpoint ({low} til {high}), og det kan være tilfældigt. Tag "
        "ordtællingen: den er gratis, hurtig og kan forklares.",
        "No. On the same folds the difference is {gain} percentage points ({low} to {high}), which may be chance. "
        "Take the "
        "word counts: they are free, fast and can be explained.",
    ),
    "h-confusion": ("Hvad forveksles med hvad?", "What is taken for what?"),
    "caption-confusion": (
        "Hver linje er en klasse, som mennesker har sat den; felterne er, hvad modellen kalder dens tekster. Felter "
        "med 1 "
        "til 4 tekster er skjult.",
        "Each line is a class as humans set it; the cells are what the model calls its texts. Cells of 1 to 4 texts "
        "are "
        "hidden.",
    ),
    "few-cell": ("få", "few"),
    "axis-called": ("modellen siger", "the model says"),
    "axis-actual": ("etiketten", "the label"),
    "h-ask": ("Hvornår skal et menneske spørges?", "When should a human be asked?"),
    "ask-limit": (
        "Ved en sikkerhed på {limit} eller mere svarer modellen selv. Det er {kept} af teksterne, og af dem har den "
        "ret i "
        "{right}; spørges den om alt, er det {all}. Målt på folder, der ikke var med til at vælge grænsen.",
        "From a confidence of {limit} on the model answers itself. That is {kept} of the texts, and of those it is "
        "right in "
        "{right}; asked about all, in {all}. Measured on folds that had no part in choosing the limit.",
    ),
    "caption-ask": (
        "Jo flere af de usikre tekster et menneske tager, des oftere har modellen ret i resten. Den grå linje "
        "er de "
        "{wanted}, du bad om.",
        "The more of the unsure texts a human takes, the more often the model is right in the rest. The grey line "
        "is the "
        "{wanted} you asked for.",
    ),
    "axis-right": ("andel rigtige af dem, modellen klarer", "share right of those left to the model"),
    "axis-kept": ("{share} til modellen", "{share} to the model"),
    "wanted-mark": ("ønsket", "wanted"),
    "h-curve": ("Vil flere etiketter hjælpe?", "Would more labels help?"),
    "curve-rising": (
        "Ja. De sidste to femtedele af etiketterne gav {gain} procentpoint, og kurven stiger endnu. Sæt flere.",
        "Yes. The last two fifths of the labels gave {gain} percentage points, and the curve still rises. Set more.",
    ),
    "curve-maybe": (
        "Måske. De sidste to femtedele af etiketterne gav {gain} procentpoint, men det kan være tilfældigt.",
        "Perhaps. The last two fifths of the labels gave {gain} percentage points, but that may be chance.",
    ),
    "curve-flat": (
        "Næppe. De sidste to femtedele af etiketterne gav næsten intet. Ret hellere de tvivlsomme, eller gør klasserne "
        "klarere.",
        "Hardly. The last two fifths of the labels gave almost nothing. Rather mend the doubtful ones, or make the "
        "classes "
        "clearer.",
    ),
    "caption-curve": (
        "Balanceret træfsikkerhed for ordtælling, lært af flere og flere etiketter, med 95 % interval.",
        "Balanced accuracy of word counts learned from more and more labels, with 95% interval.",
    ),
    "axis-labels": ("balanceret træfsikkerhed, efter antal etiketter", "balanced accuracy, by number of labels"),
    "h-doubt": ("Etiketter at se efter", "Labels to look at again"),
    "doubt": (
        "{n} etiketter ser forkerte ud for en model, der ikke har set dem. De står øverst i labelled.csv med x i "
        "kolonnen "
        "{column}. Nogle er fejl, andre er svære tekster: afgør det selv.",
        "{n} labels look wrong to a model that has not seen them. They stand first in labelled.csv with an x in the "
        "column "
        "{column}. Some are mistakes, others hard texts: decide yourself.",
    ),
    "doubt-none": ("Ingen etiketter ser klart forkerte ud.", "No labels look clearly wrong."),
    "h-words": ("Hvad modellen lytter efter", "What the model listens for"),
    "words-note": (
        "De ord, der taler mest for hver klasse, blandt ord i mindst 5 tekster. Er et af dem en genvej (et navn, et "
        "sted, en "
        "årstid), så duer modellen ikke uden for dine tekster.",
        "The words that speak most for each class, among words of at least 5 texts. If one is a shortcut (a name, a "
        "place, "
        "a season), the model is no good outside your texts.",
    ),
    "col-class": ("Klasse", "Class"),
    "col-texts": ("Tekster", "Texts"),
    "col-right": ("Rammes", "Got right"),
    "col-words": ("Ord", "Words"),
    "h-unknown": ("Teksterne uden etiket", "The texts without a label"),
    "unknown": (
        "{n} tekster har fået et forslag af {model} i predicted.csv. {ask} af dem bør et menneske se på.",
        "{n} texts got a suggestion by {model} in predicted.csv. {ask} of them should be looked at by a human.",
    ),
    "unknown-none": ("Der var ingen.", "There were none."),
    "unknown-shares": (
        "Tæl ikke bare forslagene op: modellens fejl gør andele skæve. Et tilfældigt udsnit, som et menneske ser på, "
        "giver "
        "den rigtige andel.",
        "Do not simply count the suggestions: the model's mistakes make shares biased. A random sample looked at by "
        "a human "
        "gives the right share.",
    ),
    "h-warnings": ("Læg mærke til", "Take note"),
    "h-not": ("Hvad det ikke siger", "What it does not say"),
    "not-truth": (
        "Modellen efterligner dem, der satte etiketterne. Er de uenige, kan den ikke være bedre end dem: lad to "
        "personer "
        "sætte etiket på de samme 50 tekster, og mål enigheden.",
        "The model imitates those who set the labels. If they disagree, it cannot be better than they are: let two "
        "people "
        "label the same 50 texts and measure how far they agree.",
    ),
    "not-new": (
        "Tallene gælder tekster som dine: samme kilde, samme tid. På andre bliver de som regel dårligere.",
        "The figures hold for texts like yours: same source, same time. On others they usually are worse.",
    ),
    "not-person": (
        "Brug den ikke til at afgøre noget om en enkelt person.",
        "Do not use it to decide anything about a single person.",
    ),
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-baseline": (
        "Ordtælling: ord, ordpar og stykker på 3 til 5 bogstaver vægtet med TF-IDF, og logistisk regression med C = "
        "10; intet "
        "er tunet.",
        "Word counts: words, pairs of words and pieces of 3 to 5 letters weighted by TF-IDF, and logistic regression "
        "with "
        "C = 10; nothing is tuned.",
    ),
    "method-cv": (
        "Krydsvalidering: {folds} folder, {repeats} gange. Intervallet regner med, at folder deler de fleste tekster "
        "(Nadeau og "
        "Bengio 2003).",
        "Cross-validation: {folds} folds, {repeats} times. The interval takes into account that folds share most texts "
        "(Nadeau & Bengio 2003).",
    ),
    "method-groups": (
        "Tekster med samme {group} er holdt i samme fold.",
        "Texts with the same {group} are kept in one fold.",
    ),
    "method-doubt": (
        "Tvivlsomme etiketter findes med confident learning (Northcutt m.fl. 2021).",
        "Doubtful labels are found by confident learning (Northcutt et al. 2021).",
    ),
    "method-transformer": (
        "{name} finjusteret i {epochs} epoker med læringsrate {rate}, {tokens} tokens pr. tekst, på {device}.",
        "{name} fine-tuned for {epochs} epochs with learning rate {rate}, {tokens} tokens a text, on {device}.",
    ),
    "footer": (
        "filer: {files} · lavet {made} · text-classifier {version} · Python {python}, scikit-learn {sklearn}, numpy "
        "{numpy} "
        "· frø {seed}",
        "files: {files} · made {made} · text-classifier {version} · Python {python}, scikit-learn {sklearn}, numpy "
        "{numpy} "
        "· seed {seed}",
    ),
    # tables
    "head-file": ("fil", "file"),
    "head-at": ("række_eller_side", "row_or_page"),
    "head-label": ("etiket", "label"),
    "head-called": ("modellen_siger", "model_says"),
    "head-sure": ("sikkerhed", "confidence"),
    "head-doubt": ("tvivlsom", "doubtful"),
    "head-ask": ("spørg_et_menneske", "ask_a_human"),
    "head-text": ("begynder", "begins"),
}
