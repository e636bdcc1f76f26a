"""Texts of the report. (Danish, English)."""

PAGE: dict[str, tuple[str, str]] = {
    "kicker": ("Første svar fra en tabel", "A first answer from a table"),
    "title": ("Kan {target} forudsiges?", "Can {target} be predicted?"),
    "yes": ("Ja, klart bedre end at gætte.", "Yes, clearly better than guessing."),
    "little": ("Lidt bedre end at gætte, ikke mere.", "A little better than guessing, no more."),
    "no": ("Nej, ikke bedre end at gætte.", "No, no better than guessing."),
    "suspicious": ("Sandsynligvis for godt til at være sandt.", "Probably too good to be true."),
    "choice-suspicious": (
        "Men {columns} rammer næsten altid rigtigt alene. Find ud af hvorfor, før du bruger tallet.",
        "But {columns} alone is nearly always right. Find out why before you use the figure.",
    ),
    "verdict-classes": (
        "{model} rammer i gennemsnit {score} af hver klasse rigtigt på rækker, den ikke har set. Altid at gætte på den "
        "hyppigste klasse giver {guess}.",
        "On rows it has not seen, {model} gets on average {score} of each class right. Always guessing the commonest "
        "class gives {guess}.",
    ),
    "verdict-numbers": (
        "{model} rammer i gennemsnit {score} ved siden af på rækker, den ikke har set. Gætter man altid på "
        "midterværdien, rammer man {guess} ved siden af: fejlen er {less} mindre.",
        "On rows it has not seen, {model} is off by {score} on average. Always guessing the middle value is off by "
        "{guess}: the error is {less} smaller.",
    ),
    "verdict-no-classes": (
        "Den bedste model rammer i gennemsnit {score} af hver klasse rigtigt på rækker, den ikke har set, mod "
        "{guess} ved et rent gæt. Forskellen er ikke større, end tilfældet kan give: disse kolonner siger ikke noget "
        "sikkert om {target}.",
        "On rows it has not seen, the better model gets on average {score} of each class right, against {guess} by a "
        "plain guess. The difference is no larger than chance can make: these columns say nothing sure about {target}.",
    ),
    "verdict-no-numbers": (
        "Den bedste model rammer i gennemsnit {score} ved siden af på rækker, den ikke har set, mod {guess} ved et "
        "rent gæt. Forskellen er ikke større, end tilfældet kan give: disse kolonner siger ikke noget sikkert om "
        "{target}.",
        "On rows it has not seen, the better model is off by {score} on average, against {guess} by a plain guess. "
        "The difference is no larger than chance can make: these columns say nothing sure about {target}.",
    ),
    "choice-linear": (
        "Gradient boosting er ikke sikkert bedre end den lineære model. Tag den lineære: den er lettere at forklare.",
        "Gradient boosting is not surely better than the linear model. Take the linear one: it is easier to explain.",
    ),
    "choice-boosting": (
        "Gradient boosting er klart bedre end den lineære model: sammenhængen er ikke bare en ret linje.",
        "Gradient boosting is clearly better than the linear model: the relation is not just a straight line.",
    ),
    "choice-only": (
        "Kun {model} er sikkert bedre end et gæt.",
        "Only {model} is surely better than a guess.",
    ),
    # models and metrics
    "guess": ("rent gæt", "plain guess"),
    "linear-classification": ("logistisk regression", "logistic regression"),
    "linear-regression": ("ridge-regression", "ridge regression"),
    "boosting": ("gradient boosting", "gradient boosting"),
    "balanced_accuracy": ("balanceret træfsikkerhed", "balanced accuracy"),
    "accuracy": ("træfsikkerhed", "accuracy"),
    "roc_auc": ("ROC AUC", "ROC AUC"),
    "mae": ("gennemsnitlig fejl (MAE)", "mean absolute error (MAE)"),
    "r2": ("R²", "R²"),
    "what-balanced_accuracy": (
        "andelen, der rammes rigtigt, taget klasse for klasse, så en sjælden klasse tæller lige så meget som en hyppig",
        "the share got right, taken class by class, so that a rare class counts as much as a common one",
    ),
    "what-accuracy": ("andelen af alle rækker, der rammes rigtigt", "the share of all rows got right"),
    "what-roc_auc": (
        "sandsynligheden for, at modellen ordner to rækker af hver sin klasse rigtigt; 0,5 er et gæt",
        "the chance that the model puts two rows of different classes in the right order; 0.5 is a guess",
    ),
    "what-mae": (
        "hvor langt forudsigelsen i gennemsnit er fra det målte, i kolonnens egen enhed; mindre er bedre",
        "how far the prediction is from what was measured on average, in the column's own unit; less is better",
    ),
    "what-r2": (
        "hvor stor en del af variationen der forklares; 0 er ikke bedre end gennemsnittet, 1 er alt",
        "how much of the variation is explained; 0 is no better than the mean, 1 is all of it",
    ),
    # tiles
    "tile-rows": ("rækker brugt", "rows used"),
    "tile-columns": ("kolonner brugt", "columns used"),
    "tile-guess": ("ved et rent gæt", "by a plain guess"),
    # figures
    "figure-scores": ("Modellerne mod et rent gæt", "The models against a plain guess"),
    "caption-scores": (
        "Hver prik er én fold, som modellen ikke har set ({n} målinger pr. model). Stregen er gennemsnittet, bjælken "
        "et 95 %-interval for det. Den stiplede linje er gættet. {metric}: {what}.",
        "Each dot is one fold that the model has not seen ({n} measurements a model). The line is the mean, the bar a "
        "95% interval for it. The dashed line is the guess. {metric}: {what}.",
    ),
    "axis-guess": ("gæt", "guess"),
    "alt-scores": ("{metric} for hver model: {values}", "{metric} of each model: {values}"),
    "figure-confusion": ("Hvad der forveksles", "What is mistaken for what"),
    "caption-confusion": (
        "Hver række af felter er de rækker, der virkelig er den klasse; tallene er den andel, {model} kaldte hver "
        "klasse. Felter med 1–4 rækker vises ikke, og de andre tal i samme række rundes da til nærmeste 5 %.",
        "Each line of cells is the rows that truly are that class; the figures are the share that {model} called each "
        "class. Cells of 1–4 rows are not shown, and the other figures in their line are then rounded to 5%.",
    ),
    "axis-actual": ("i virkeligheden", "in truth"),
    "axis-called": ("kaldt", "called"),
    "confusion-few": ("få", "few"),
    "figure-calibration": ("Hvor godt forudsigelserne passer", "How well the predictions fit"),
    "caption-calibration": (
        "Rækkerne er delt i {n} lige store grupper efter det, {model} forudsagde. Prikken er det gennemsnit, der blev "
        "målt i gruppen, stregen de midterste 80 % af den. På den stiplede linje ville alt passe.",
        "The rows are split into {n} groups of equal size by what {model} predicted. The dot is the mean that was "
        "measured in the group, the line its middle 80%. On the dashed line everything would fit.",
    ),
    "axis-predicted": ("forudsagt", "predicted"),
    "axis-measured": ("målt", "measured"),
    "figure-importance": ("Hvad modellen læner sig op ad", "What the model leans on"),
    "caption-importance": (
        "Hvor meget dårligere {model} bliver ({metric}) på usete rækker, når kolonnens værdier blandes: "
        "gennemsnit og spænd over folderne. Det er ikke årsager, og kolonner, der ligner hinanden, "
        "deler æren.",
        "How much worse {model} gets ({metric}) on unseen rows when the column's values are shuffled: mean and "
        "range over folds. These are not causes, and columns that resemble each other share the credit.",
    ),
    "points": ("procentpoint", "percentage points"),
    # sections
    "h-warnings": ("Før du tror på det", "Before you believe it"),
    "no-warnings": (
        "Ingen af de automatiske tjek slog ud: ingen kolonne røber svaret alene, ingen mistænkelige koder, ingen "
        "bunke af kopier. Om data er målt rigtigt, og om modellen holder et andet sted, kan de ikke se.",
        "None of the automatic checks fired: no column gives the answer away alone, no suspicious codes, no heap of "
        "copies. Whether the data were measured well and whether the model holds elsewhere they cannot see.",
    ),
    "h-scores": ("Tallene", "The figures"),
    "col-model": ("model", "model"),
    "interval-note": (
        "I parentes: 95 %-interval, som regner med, at folderne deler træningsrækker (Nadeau & Bengio 2003).",
        "In brackets: a 95% interval that allows for folds sharing training rows (Nadeau & Bengio 2003).",
    ),
    "weights-note": (
        "Modellerne vægter klasserne lige, så træfsikkerheden over alle rækker kan ligge under gættet, når en klasse "
        "er meget hyppig; se på den balancerede.",
        "The models weigh classes equally, so plain accuracy can fall below the guess when one class is very common; "
        "look at the balanced one.",
    ),
    "h-file": ("Hvad der blev gjort ved filen", "What was done to the file"),
    "file-read": (
        "{file}: {rows} rækker, {columns} kolonner; læst som {encoding} med {delimiter} mellem felterne og {mark}.",
        "{file}: {rows} rows, {columns} columns; read as {encoding} with {delimiter} between fields and {mark}.",
    ),
    "file-missing": (
        "Læst som manglende: {codes}.",
        "Taken as missing: {codes}.",
    ),
    "file-codes": (
        "Tal som −9 eller 99 er ikke læst som manglende.",
        "Numbers such as −9 or 99 were not taken as missing.",
    ),
    "file-no-missing": ("Ingen felter mangler.", "No cell is missing."),
    "code-empty": ("tomt felt", "empty cell"),
    "file-target-missing": (
        "{n} rækker uden {target} er ikke brugt.",
        "{n} rows without {target} were not used.",
    ),
    "file-group-missing": ("{n} rækker uden {group} er ikke brugt.", "{n} rows without {group} were not used."),
    "file-rare": (
        "{classes} klasser med færre end 5 rækker er udeladt ({n} rækker i alt).",
        "{classes} classes with fewer than 5 rows were left out ({n} rows in all).",
    ),
    "file-lines": (
        "Linjer med et andet antal felter end overskriften er sprunget over: {lines}.",
        "Lines with another number of fields than the header were skipped: {lines}.",
    ),
    "file-named": ("Kolonner uden navn blev kaldt {names}.", "Columns without a name were called {names}."),
    "col-column": ("kolonne", "column"),
    "col-kind": ("læst som", "read as"),
    "col-missing": ("mangler", "missing"),
    "col-distinct": ("forskellige", "different"),
    "col-used": ("brugt?", "used?"),
    "used": ("ja", "yes"),
    "kind-number": ("tal", "number"),
    "kind-category": ("kategori", "category"),
    "kind-date": ("dato", "date"),
    "kind-text": ("tekst", "text"),
    "h-method": ("Sådan blev det gjort", "How it was done"),
    "method-task": ("Opgaven er {task}. {why}", "The task is {task}. {why}"),
    "method-cv": (
        "{folds}-fold krydsvalidering, {repeats} gange, frø {seed}; alle modeller får de samme folder.",
        "{folds}-fold cross-validation, {repeats} times, seed {seed}; all models get the same folds.",
    ),
    "method-stratified": ("Klasserne er fordelt ligeligt på folderne.", "Classes are spread evenly over the folds."),
    "method-groups": (
        "Alle rækker med samme {group} står i samme fold ({n} grupper).",
        "All rows with the same {group} are in the same fold ({n} groups).",
    ),
    "method-inside": (
        "Udfyldning af manglende felter, kodning og skalering læres kun af træningsrækkerne.",
        "Filling of missing cells, encoding and scaling are learned from training rows only.",
    ),
    "method-guess-classification": (
        "Gættet er altid den hyppigste klasse i træningsrækkerne.",
        "The guess is always the commonest class in the training rows.",
    ),
    "method-guess-regression": (
        "Gættet er altid medianen i træningsrækkerne.",
        "The guess is always the median of the training rows.",
    ),
    "method-models": (
        "{linear} og histogram-baseret gradient boosting, begge med scikit-learns standardvalg; intet er tunet, så "
        "tallene er et udgangspunkt, ikke et loft.",
        "{linear} and histogram-based gradient boosting, both with scikit-learn's defaults; nothing was tuned, so the "
        "figures are a starting point, not a ceiling.",
    ),
    "method-numbers": (
        "Koder skrevet som tal (1 = ja) er brugt som tal.",
        "Codes written as numbers (1 = yes) were used as numbers.",
    ),
    "method-better": (
        "»Bedre« betyder, at hele 95 %-intervallet for forskellen er over nul.",
        "“Better” means that the whole 95% interval of the difference is above zero.",
    ),
    "h-next": ("Og nu?", "What now?"),
    "next-1": (
        "Prøv modellen på data, den slet ikke kommer fra: en anden klinik, skole eller årgang.",
        "Try the model on data from somewhere else altogether: another clinic, school or year.",
    ),
    "next-2": (
        "En ny model skal slå disse tal på de samme folder, ellers er den ikke det værd.",
        "A new model has to beat these figures on the same folds, or it is not worth having.",
    ),
    "next-3": (
        "predictions.csv har én linje pr. række i din fil og hører til samme sted som dine data. Denne side har kun "
        "kolonnenavne, klassenavne og samlede tal.",
        "predictions.csv has one line for every row of your file and belongs where your data belong. This page has "
        "only column names, class names and totals.",
    ),
    "next-no-1": (
        "Tænk over, om det, der kunne forklare {target}, overhovedet er målt.",
        "Ask whether what could explain {target} was measured at all.",
    ),
    "next-no-2": (
        "Flere rækker hjælper kun, hvis sammenhængen findes; et »nej« her er også et resultat.",
        "More rows help only if there is a relation; a “no” here is a result, too.",
    ),
    "made": (
        "Lavet {when} med opskriften tabular-baseline {version}; Python {python}, scikit-learn {sklearn}, NumPy "
        "{numpy}. Filens SHA-256: {sha}.",
        "Made {when} with the recipe tabular-baseline {version}; Python {python}, scikit-learn {sklearn}, NumPy "
        "{numpy}. The file's SHA-256: {sha}.",
    ),
    "self-contained": (
        "Siden henter intet fra nettet.",
        "This page fetches nothing from the network.",
    ),
}
