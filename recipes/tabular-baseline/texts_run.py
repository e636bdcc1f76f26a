"""Texts of a run: progress, what stops it, why a column is out, and warnings. (Danish, English)."""

RUN: dict[str, tuple[str, str]] = {
    # progress
    "doing-read": ("Læser {file} …", "Reading {file} …"),
    "did-read": (
        "{rows} rækker og {columns} kolonner ({encoding}, {delimiter}).",
        "{rows} rows and {columns} columns ({encoding}, {delimiter}).",
    ),
    "doing-task": ("Forudsiger {target}: {task}. {why}", "Predicting {target}: {task}. {why}"),
    "doing-repeat": (
        "Krydsvalidering, runde {n} af {all} ({folds} folder) …",
        "Cross-validation, round {n} of {all} ({folds} folds) …",
    ),
    "doing-signals": ("Ser efter kolonner, der røber svaret …", "Looking for columns that give the answer away …"),
    "doing-importance": ("Måler, hvad modellen læner sig op ad …", "Measuring what the model leans on …"),
    "done": (
        "Åbn output/report.html i en browser. Alle filer: report.html, figure.svg, results.json, predictions.csv.",
        "Open output/report.html in a browser. All files: report.html, figure.svg, results.json, predictions.csv.",
    ),
    "delimiter-;": ("semikolon", "semicolon"),
    "delimiter-,": ("komma", "comma"),
    "delimiter-\t": ("tabulator", "tab"),
    "delimiter-|": ("lodret streg", "vertical bar"),
    "delimiter-other": ("eget skilletegn", "a separator of its own"),
    "unnamed-column": ("kolonne {n}", "column {n}"),
    "mark-comma": ("decimalkomma", "a decimal comma"),
    "mark-point": ("decimalpunktum", "a decimal point"),
    # the task
    "classification": ("klassifikation", "classification"),
    "regression": ("regression", "regression"),
    "task-asked": ("Sådan er der bedt om.", "That is what was asked for."),
    "task-text": (
        "Kolonnen har {n} forskellige værdier, som ikke er tal.",
        "The column has {n} different values that are not numbers.",
    ),
    "task-two": ("Kolonnen har to forskellige værdier.", "The column has two different values."),
    "task-codes": (
        "Kolonnen har kun {n} forskellige hele tal, så de læses som klasser; er de mængder, så kør med "
        "task=regression.",
        "The column has only {n} different whole numbers, so they are read as classes; if they are amounts, "
        "run with task=regression.",
    ),
    "task-numbers": ("Kolonnen har {n} forskellige tal.", "The column has {n} different numbers."),
    # what stops the run
    "stop-no-input": (
        "Der er ingen tabel i input/: læg én .csv-, .tsv- eller .txt-fil der.",
        "There is no table in input/: put one .csv, .tsv or .txt file there.",
    ),
    "stop-many-inputs": (
        "Der er {n} filer i input/, men opskriften tager én tabel ad gangen.",
        "There are {n} files in input/, but the recipe takes one table at a time.",
    ),
    "stop-unreadable": ("{file} kan ikke læses: {why}", "{file} cannot be read: {why}"),
    "stop-empty": ("{file} er tom.", "{file} is empty."),
    "stop-no-rows": (
        "{file} har overskrifter, men ingen rækker under dem.",
        "{file} has headings but no rows under them.",
    ),
    "stop-excel": (
        "{file} er et Excel-ark eller en pakket fil, ikke tekst. Gem arket som CSV og prøv igen.",
        "{file} is an Excel sheet or a packed file, not text. Save the sheet as CSV and try again.",
    ),
    "stop-pdf": ("{file} er en PDF, ikke en tabel i tekst.", "{file} is a PDF, not a table in text."),
    "stop-packed": (
        "{file} er pakket (gzip). Pak den ud og prøv igen.",
        "{file} is packed (gzip). Unpack it and try again.",
    ),
    "stop-spss": (
        "{file} er en SPSS-fil. Gem den som CSV og prøv igen.",
        "{file} is an SPSS file. Save it as CSV and try again.",
    ),
    "stop-stata": (
        "{file} er en Stata-fil. Gem den som CSV og prøv igen.",
        "{file} is a Stata file. Save it as CSV and try again.",
    ),
    "stop-binary": (
        "{file} er ikke en tekstfil, eller i en tegnkodning, som ikke kan læses. Gem den som CSV i UTF-8.",
        "{file} is not a text file, or in an encoding that cannot be read. Save it as CSV in UTF-8.",
    ),
    "stop-one-column": (
        "Der er kun én kolonne i filen: skilletegnet skal være semikolon, komma, tabulator eller lodret streg, "
        "og der skal være noget at forudsige ud fra.",
        "There is only one column in the file: the separator must be semicolon, comma, tab or vertical bar, and "
        "there must be something to predict from.",
    ),
    "stop-field": (
        "{file}: et felt, der begynder i linje {line}, er på mere end {most} tegn. Oftest er et anførselstegn ikke "
        "lukket.",
        "{file}: a field that begins on line {line} is longer than {most} characters. Usually a quotation mark was "
        "never closed.",
    ),
    "stop-quote": (
        "{file}: et anførselstegn i linje {line} sluger de næste mange linjer; det er nok ikke lukket.",
        "{file}: a quotation mark on line {line} swallows the many lines after it; it was probably never closed.",
    ),
    "stop-twice": (
        "To kolonner hedder {name} (nummer {first} og {second}). Giv den ene et andet navn.",
        "Two columns are called {name} (number {first} and {second}). Give one of them another name.",
    ),
    "stop-no-header": (
        "Første linje har kun tal. Den skal være kolonnernes navne.",
        "The first line holds only numbers. It must be the names of the columns.",
    ),
    "stop-ragged": (
        "{file}: {n} linjer har ikke {width} felter som overskriften (blandt andre linje {lines}). Måske står "
        "skilletegnet også inde i teksterne.",
        "{file}: {n} lines do not have {width} fields as the header does (among them line {lines}). The separator "
        "may also stand inside texts.",
    ),
    "stop-too-large": (
        "Tabellen er for stor til opskriften: {rows} rækker × {columns} kolonner; den tager højst {most} felter. "
        "Brug et tilfældigt udsnit af rækkerne eller færre kolonner.",
        "The table is too large for this recipe: {rows} rows × {columns} columns; it takes at most {most} fields. "
        "Use a random part of the rows, or fewer columns.",
    ),
    "stop-no-target": (
        "Sig, hvilken kolonne der skal forudsiges (parameteren target). Kolonnerne er {columns}.",
        "Say which column to predict (the parameter target). The columns are {columns}.",
    ),
    "stop-no-column": (
        "{param} er {name}, men sådan en kolonne er der ikke. Kolonnerne er {columns}.",
        "{param} is {name}, but there is no such column. The columns are {columns}.",
    ),
    "stop-same": (
        "{name} kan ikke både forudsiges og være gruppe.",
        "{name} cannot be both what is predicted and the group.",
    ),
    "stop-target-empty": (
        "{name} mangler i alle rækker, så der er intet at lære af.",
        "{name} is missing in every row, so there is nothing to learn from.",
    ),
    "stop-target-constant": (
        "{name} har samme værdi i alle rækker, så der er intet at forudsige.",
        "{name} has the same value in every row, so there is nothing to predict.",
    ),
    "stop-target-date": (
        "{name} er datoer. Regn dem om til et tal først, for eksempel dage siden studiets begyndelse.",
        "{name} holds dates. Turn them into a number first, for example days since the study began.",
    ),
    "stop-target-text": (
        "task er regression, men {name} er ikke tal i alle rækker.",
        "task is regression, but {name} is not a number in every row.",
    ),
    "stop-no-features": (
        "Der er ingen brugbare kolonner tilbage at forudsige ud fra.",
        "There are no usable columns left to predict from.",
    ),
    "stop-too-wide": (
        "Tabellen har {n} brugbare kolonner; opskriften tager højst {most}. Vælg dem, der betyder noget, eller brug en "
        "metode til brede data.",
        "The table has {n} usable columns; the recipe takes at most {most}. Choose those that matter, or use a method "
        "for wide data.",
    ),
    "stop-classes": (
        "{name} har {n} klasser med nok rækker; opskriften tager højst {most}. Slå nogle sammen, eller kør med "
        "task=regression, hvis det er tal.",
        "{name} has {n} classes with enough rows; the recipe takes at most {most}. Join some, or run with "
        "task=regression if they are numbers.",
    ),
    "stop-few-rows": (
        "Der er kun {n} rækker, hvor {name} kan bruges; under {least} kan man ikke sige noget.",
        "There are only {n} rows in which {name} can be used; below {least} nothing can be said.",
    ),
    "stop-one-class": (
        "Kun én klasse af {name} har mindst {least} rækker, så der er intet at skelne mellem.",
        "Only one class of {name} has at least {least} rows, so there is nothing to tell apart.",
    ),
    "stop-one-group": (
        "{name} har kun én gruppe, så ingen gruppe kan holdes udenfor.",
        "{name} has only one group, so no group can be held out.",
    ),
    "stop-fold-class": (
        "En klasse findes kun i én gruppe af {name}, så modellen ville blive prøvet på noget, den aldrig har set. "
        "Brug en anden gruppering.",
        "A class occurs in only one group of {name}, so the model would be tested on something it has never seen. "
        "Use another grouping.",
    ),
    # why a column is not used
    "out-target": ("det, der forudsiges", "what is predicted"),
    "out-group": ("grupperne i krydsvalideringen", "the groups of the cross-validation"),
    "out-asked": ("udeladt efter ønske", "left out as asked"),
    "out-empty": ("tom", "empty"),
    "out-mostly-empty": ("mangler i mindst 95 % af rækkerne", "missing in at least 95% of rows"),
    "out-constant": ("samme værdi i alle rækker", "one value in every row"),
    "out-person-number": ("ligner CPR-numre; bruges aldrig", "looks like CPR numbers; never used"),
    "out-date": (
        "dato; regn den om til et tal, hvis den betyder noget",
        "a date; turn it into a number if it matters",
    ),
    "out-row-number": ("rækkenummer", "a row number"),
    "out-identifier": ("navngiver hver række", "names each row"),
    "out-nearly-numbers": (
        "næsten kun tal, men {n} felter er ikke; ret dem, så kommer kolonnen med",
        "nearly all numbers, but {n} cells are not; mend them and the column is used",
    ),
    "out-free-text": ("fri tekst eller for mange forskellige værdier", "free text or too many different values"),
    # warnings
    "warn-person-number": (
        "{columns} ligner CPR-numre. De er ikke brugt, men de bør ud af filen: data med CPR-numre hører kun hjemme, "
        "hvor din dataansvarlige har sagt god for det.",
        "{columns} look like CPR numbers (Danish person numbers). They were not used, but they should leave the file: "
        "data with CPR numbers belong only where your data controller has agreed to it.",
    ),
    "warn-giveaway": (
        "{name} rammer alene {target} næsten hver gang ({score}). Er det svaret i en anden form, eller noget, man "
        "først ved bagefter? Så kør igen med leave_out={raw}; ellers siger resultatet intet.",
        "{name} alone gets {target} right nearly every time ({score}). Is it the answer in another form, or something "
        "known only afterwards? Then run again with leave_out={raw}; otherwise the result means nothing.",
    ),
    "warn-copies": (
        "{n} rækker er nøjagtige kopier af en anden. Kopier kan stå både i det, modellen lærer af, og det, den prøves "
        "på, og så ser den bedre ud, end den er.",
        "{n} rows are exact copies of another. Copies can stand both in what the model learns from and in what it is "
        "tested on, which makes it look better than it is.",
    ),
    "warn-groups": (
        "{name} ligner noget, der har flere rækker hver (en person, en skole, en prøve). Hører rækkerne sammen, så kør "
        "med group={raw}; ellers prøves modellen på nogen, den har mødt før.",
        "{name} looks like something with several rows each (a person, a school, a sample). If rows belong together, "
        "run with group={raw}; otherwise the model is tested on somebody it has met before.",
    ),
    "warn-code": (
        "{name} har værdien {code} i {n} rækker, langt fra alle andre. Er det en kode for et manglende svar? Den er "
        "brugt som tal; kør med missing={code}, hvis den ikke er det.",
        "{name} has the value {code} in {n} rows, far from all others. Is it a code for a missing answer? It was used "
        "as a number; run with missing={code} if it is not one.",
    ),
    "warn-decimal": (
        "{columns} kan læses på to måder (1.234 eller 1,234) og er læst med {mark}. Kør med decimal=comma eller "
        "decimal=point, hvis det er forkert.",
        "{columns} can be read in two ways (1.234 or 1,234) and were read with {mark}. Run with decimal=comma or "
        "decimal=point if that is wrong.",
    ),
    "warn-no-target": (
        "I {share} af rækkerne mangler det, der skal forudsiges. Er de anderledes end de andre, gælder resultatet ikke "
        "for dem.",
        "In {share} of rows what is to be predicted is missing. If they differ from the others, the result does not "
        "hold for them.",
    ),
    "warn-unsettled": (
        "Den lineære model faldt ikke til ro i {n} tilpasninger; dens tal kan blive lidt bedre.",
        "The linear model did not settle in {n} fits; its figures could get slightly better.",
    ),
    "warn-few-rows": (
        "Der er kun {n} rækker. Tallene kan flytte sig meget med nye data; se på intervallet, ikke på gennemsnittet.",
        "There are only {n} rows. The figures can move a lot with new data; look at the interval, not at the mean.",
    ),
    "warn-few-in-class": (
        "Den mindste klasse har kun {n} rækker, så den er dårligt bestemt.",
        "The smallest class has only {n} rows, so it is poorly determined.",
    ),
    "warn-many-columns": (
        "Der er {columns} kolonner til {n} rækker: så få rækker pr. kolonne gør det let at finde tilfældige mønstre.",
        "There are {columns} columns for {n} rows: so few rows a column make chance patterns easy to find.",
    ),
    "warn-few-groups": (
        "Der er kun {n} grupper, så det er svært at sige noget om en ny gruppe.",
        "There are only {n} groups, so little can be said about a new one.",
    ),
    "warn-few-folds": (
        "Kun {n} målinger pr. model; flere gentagelser (repeats) giver et sikrere interval.",
        "Only {n} measurements a model; more repeats give a surer interval.",
    ),
}
