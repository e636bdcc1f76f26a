"""The texts of this recipe. (Danish, English)."""

import rows
from words import Texts

TEXTS: Texts = {
    **rows.TEXTS,
    "kicker": ("Finjustering med LoRA", "Fine-tuning with LoRA"),
    "title": ("Hjælper det at træne på dine eksempler?", "Does training on your examples help?"),
    # progress
    "doing-read": ("Læser {n} filer", "Reading {n} files"),
    "did-read": (
        "{n} eksempler: {train} til træning, {val} til at vælge, hvornår der stoppes, {test} til prøven",
        "{n} examples: {train} for training, {val} for choosing when to stop, {test} for the test",
    ),
    "doing-base": ("Laver legetøjsmodellen", "Making the toy model"),
    "doing-model": ("Henter modellen {model} ind", "Loading the model {model}"),
    "doing-memory": (
        "Træningen kræver omkring {need} GB på GPU'en; den har {have} GB",
        "The training needs about {need} GB on the GPU, which has {have} GB",
    ),
    "doing-resume": ("Går videre efter epoke {n} af {of}", "Going on after epoch {n} of {of}"),
    "did-epoch": ("Epoke {n} af {of}: tab {train}, på nye {val}", "Epoch {n} of {of}: loss {train}, on new ones {val}"),
    "done": ("Færdig. Åbn output/report.html", "Done. Open output/report.html"),
    # reasons
    "stop-no-examples": (
        "Der er ingen brugbare eksempler. Det første problem: {why}",
        "There are no usable examples. The first problem: {why}",
    ),
    "stop-columns": (
        "{file}: sig med kolonnenavnene prompt og response, hvad der er spørgsmål og svar. Kolonnerne er {columns}",
        "{file}: say by the column names prompt and response which is question and answer. The columns are {columns}",
    ),
    "stop-few": (
        "Der er kun {n} eksempler; der skal mindst {least} til, for at noget kan holdes tilbage til en prøve.",
        "There are only {n} examples; at least {least} are needed for some to be held back for a test.",
    ),
    "stop-few-prompts": (
        "Der er kun {n} forskellige spørgsmål; der skal mindst {least} til.",
        "There are only {n} different prompts; at least {least} are needed.",
    ),
    "no-gpu": (
        "! Der er ingen GPU, som PyTorch kan se: træningen kører på CPU'en, og det kan tage dage. Bed om en med "
        "--gpus 1.",
        "! There is no GPU that PyTorch can see: the training runs on the CPU, which may take days. Ask for one with "
        "--gpus 1.",
    ),
    "stop-no-gpu": (
        "quantise skal bruge en GPU, som PyTorch kan se, og her er ingen. Bed om en med --gpus 1.",
        "quantise needs a GPU that PyTorch can see, and there is none here. Ask for one with --gpus 1.",
    ),
    "stop-memory-gpu": (
        "Træningen kræver omkring {need} GB på GPU'en, og den har {have} GB. Sæt quantise til ja, eller batch eller "
        "longest ned, eller vælg en større GPU.",
        "The training needs about {need} GB on the GPU, which has {have} GB. Set quantise to yes, lower batch or "
        "longest, or choose a larger GPU.",
    ),
    "stop-model": (
        "Modellen {model} kan ikke hentes ind: {why}. Uden internet på stedet skal den ligge der i forvejen: angiv "
        "dens mappe med model_folder. Nogle modeller kræver, at man accepterer vilkår på modellens side først.",
        "The model {model} cannot be loaded: {why}. Without internet at the place it must lie there beforehand: give "
        "its folder with model_folder. Some models want their terms accepted on the model's page first.",
    ),
    "stop-template": (
        "Samtaleskabelonen i {model} kan ikke deles i spørgsmål og svar. Vælg en anden model.",
        "The chat template of {model} cannot be parted into prompt and answer. Choose another model.",
    ),
    # why an example is left out
    "bad-empty": ("filerne er tomme", "the files are empty"),
    "bad-empty-file": ("filen er tom", "the file is empty"),
    "bad-unreadable": ("filen kan ikke læses", "the file cannot be read"),
    "bad-large-file": ("filen er over 500 MB", "the file is over 500 MB"),
    "bad-json": ("linjen er ikke gyldig JSON", "the line is not valid JSON"),
    "bad-shape": (
        "der er hverken messages eller prompt og response",
        "there are neither messages nor prompt and response",
    ),
    "bad-role": (
        "messages skal have role (system, user, assistant) og content",
        "messages need role (system, user, assistant) and content",
    ),
    "bad-no-prompt": ("der er intet spørgsmål", "there is no prompt"),
    "bad-no-response": ("svaret er tomt", "the answer is empty"),
    "bad-too-long": ("eksemplet er over 200.000 tegn", "the example is over 200,000 characters"),
    # the conclusion
    "verdict-yes": (
        "Ja: adapteren fjerner {less} af tabet på {n} eksempler, den ikke har set.",
        "Yes: the adapter removes {less} of the loss on {n} examples it has not seen.",
    ),
    "verdict-little": (
        "Lidt: adapteren fjerner {less} af tabet på {n} eksempler, den ikke har set.",
        "A little: the adapter removes {less} of the loss on {n} examples it has not seen.",
    ),
    "verdict-no": (
        "Nej: på {n} eksempler, adapteren ikke har set, er forskellen ikke større, end tilfældet kan give.",
        "No: on {n} examples that the adapter has not seen the difference is no larger than chance can make.",
    ),
    "verdict-worse": (
        "Nej: på {n} eksempler, adapteren ikke har set, er den dårligere end modellen uden.",
        "No: on {n} examples that it has not seen the adapter is worse than the model without.",
    ),
    "verdict-guess": (
        "Men et simpelt gæt på det næste tegn er lige så godt.",
        "But a simple guess at the next character is as good.",
    ),
    "lead-tiny": (
        "Det her er en legetøjsmodel af tegn: den kan intet og skal ikke bruges. Den viser, om dine eksempler kan "
        "læses, deles og trænes på, og at hvert trin af LoRA virker. Kør igen med engine=peft for en rigtig model.",
        "This is a toy model of characters: it knows nothing and is not for use. It shows whether your examples can be "
        "read, split and trained on, and that every step of LoRA works. Run again with engine=peft for a real model.",
    ),
    "lead-peft": (
        "Lavere tab betyder, at modellen venter svar som dine. Om svarene er rigtige, ved kun den, der læser dem: se "
        "samples.txt, og lad en fagperson bedømme flere uden at vide, hvilken model der skrev dem.",
        "A lower loss means that the model expects answers like yours. Whether they are right only a reader knows: see "
        "samples.txt, and let an expert judge more without knowing which model wrote them.",
    ),
    "tile-before-characters": ("tab pr. tegn før (nats)", "loss per character before (nats)"),
    "tile-before-tokens": ("tab pr. token før (nats)", "loss per token before (nats)"),
    "tile-after": ("og efter, på nye eksempler", "and after, on new examples"),
    "tile-train": ("eksempler til træning, {n} til prøven", "examples for training, {n} for the test"),
    "tile-trained": ("tal trænet: {share} % af {of}", "numbers trained: {share}% of {of}"),
    # pictures
    "h-loss": ("Tabet på eksempler, ingen har set", "The loss on examples that none has seen"),
    "alt-loss": ("Tab før og efter, mod simple gæt", "Loss before and after, against simple guesses"),
    "guess-unigram": ("gæt: hyppigste tegn", "guess: commonest character"),
    "guess-bigram": ("gæt: efter tegnet før", "guess: after the one before"),
    "bar-before": ("modellen før", "the model before"),
    "bar-after": ("med adapteren", "with the adapter"),
    "caption-loss-tiny": (
        "Kortere er bedre. Gevinsten er {low} til {high} nats pr. tegn (95 %, {n} eksempler trukket om). De grå er "
        "gæt, der kun tæller tegn.",
        "Shorter is better. The gain is {low} to {high} nats per character (95%, {n} examples drawn anew). The grey "
        "ones are guesses that only count characters.",
    ),
    "caption-loss-peft": (
        "Kortere er bedre. Gevinsten er {low} til {high} nats pr. token (95 %, {n} eksempler trukket om).",
        "Shorter is better. The gain is {low} to {high} nats per token (95%, {n} examples drawn anew).",
    ),
    "h-curve": ("Epoke for epoke", "Epoch by epoch"),
    "alt-curve": ("Tab i træning og på eksempler til at stoppe efter", "Loss in training and on examples to stop by"),
    "caption-curve": (
        "Adapteren er gemt, som den var efter epoke {best}, hvor tabet på eksempler uden for træningen var lavest.",
        "The adapter is kept as it was after epoch {best}, where the loss on examples outside the training was lowest.",
    ),
    "line-train": ("træning", "training"),
    "line-val": ("uden for træningen", "outside the training"),
    "axis-loss": ("tab", "loss"),
    # warnings
    "h-warnings": ("Det skal du vide om eksemplerne", "What to know about the examples"),
    "no-warnings": ("Intet, der er talt, tyder på problemer.", "Nothing that was counted suggests problems."),
    "warn-rest": (
        "Navne, adresser og genkendelige historier bliver ikke fundet. En model kan gengive, hvad den er trænet på: "
        "læs eksemplerne, før du træner, og igen før du deler adapteren.",
        "Names, addresses and recognisable stories are not found. A model can repeat what it was trained on: read the "
        "examples before you train, and again before you share the adapter.",
    ),
    "warn-cpr": (
        "Noget, der ligner CPR-numre, står i {n} eksempler. Fjern dem før træning: en model kan gengive dem.",
        "Something like Danish CPR numbers stands in {n} examples. Remove them before training: a model can repeat "
        "them.",
    ),
    "warn-email": (
        "E-mailadresser står i {n} eksempler. Fjern dem før træning: en model kan gengive dem.",
        "E-mail addresses stand in {n} examples. Remove them before training: a model can repeat them.",
    ),
    "warn-left-out": (
        "{n} linjer er udeladt; split.csv siger hvilke og hvorfor.",
        "{n} lines are left out; split.csv says which and why.",
    ),
    "warn-few": (
        "Kun {n} eksempler: nok til at lære en form, sjældent til at lære at kunne noget.",
        "Only {n} examples: enough to learn a form, seldom to learn a skill.",
    ),
    "warn-duplicates": ("{n} eksempler er gentagelser.", "{n} examples are repeats."),
    "warn-conflicting": (
        "{n} spørgsmål har flere forskellige svar. Er det meningen?",
        "{n} prompts have several different answers. Is that meant?",
    ),
    "warn-one-answer": (
        "Det hyppigste svar står i {n} af {of} eksempler. Modellen kan lære altid at svare det.",
        "The commonest answer stands in {n} of {of} examples. The model may learn to say it always.",
    ),
    "warn-overlap": (
        "{n} af {of} svar i prøven deler otte ord i træk med et svar i træningen. Tabet ser da bedre ud, end det er.",
        "{n} of {of} answers in the test share eight words in a row with one in the training. The loss then looks "
        "better than it is.",
    ),
    "warn-languages": (
        "Svarene er på to sprog ({da} dansk, {en} engelsk). Er det meningen?",
        "The answers are in two languages ({da} Danish, {en} English). Is that meant?",
    ),
    "warn-long": (
        "{n} svar er over {most} tegn og kan blive klippet (longest).",
        "{n} answers are over {most} characters and may be cut (longest).",
    ),
    "warn-short": (
        "{n} svar er under {least} tegn. Er det klasser, er en tekstklassifikator bedre og billigere.",
        "{n} answers are below {least} characters. If they are classes, a text classifier is better and cheaper.",
    ),
    "warn-overfit": (
        "Efter epoke {best} af {of} blev modellen dårligere på nye eksempler: den lærte udenad. Sæt epochs ned.",
        "After epoch {best} of {of} the model got worse on new examples: it learned by heart. Lower epochs.",
    ),
    # table
    "h-data": ("Eksemplerne i tal", "The examples in figures"),
    "col-what": ("Hvad", "What"),
    "col-count": ("Antal", "Count"),
    "row-examples": ("Brugbare eksempler", "Usable examples"),
    "row-left-out": ("Udeladt", "Left out"),
    "row-parts": ("Træning / stop / prøve", "Training / stopping / test"),
    "row-length": ("Svarenes længde, tegn", "Length of the answers, characters"),
    "span-characters": ("{low}–{high}, median {middle}", "{low}–{high}, median {middle}"),
    "row-duplicates": ("Gentagelser", "Repeats"),
    "row-conflicting": ("Spørgsmål med flere svar", "Prompts with several answers"),
    "row-overlap": ("Prøvesvar, der ligner træningen", "Test answers like the training"),
    "row-cpr": ("Med noget som CPR-numre", "With something like CPR numbers"),
    "row-email": ("Med e-mailadresser", "With e-mail addresses"),
    "row-languages": ("Svarenes sprog", "Language of the answers"),
    "language-da": ("dansk", "Danish"),
    "language-en": ("engelsk", "English"),
    "language-other": ("andet eller for kort", "other or too short"),
    # method
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-split": (
        "Eksemplerne er delt 80/10/10 efter en hash af spørgsmålet (frø {seed}); ens spørgsmål er altid i samme del. "
        "Prøven er kun brugt én gang, til sidst.",
        "The examples are split 80/10/10 by a hash of the prompt (seed {seed}); equal prompts are always in one part. "
        "The test was used once only, at the end.",
    ),
    "method-tiny": (
        "Modellen ({model}) er lavet til lejligheden af nogle linjer dansk og engelsk, og dens vægte er derefter låst.",
        "The model ({model}) was made for the occasion from a few lines of Danish and English, and its weights then "
        "frozen.",
    ),
    "method-peft": (
        "Modellen er {model}; dens vægte er låst. AdamW, bfloat16, gradient checkpointing.",
        "The model is {model}; its weights are frozen. AdamW, bfloat16, gradient checkpointing.",
    ),
    "method-lora": (
        "LoRA: til hver matrix W lægges (alpha/rank)·B·A, hvor kun A og B trænes; rank {rank}, alpha {alpha}.",
        "LoRA: to each matrix W is added (alpha/rank)·B·A, where only A and B are trained; rank {rank}, alpha {alpha}.",
    ),
    "method-answers": (
        "Tabet regnes kun på svarene, ikke på spørgsmålene.",
        "The loss is of the answers only, not of the prompts.",
    ),
    "method-interval": (
        "Intervallet trækker prøvens eksempler om 2000 gange. Det siger intet om eksempler af en anden slags.",
        "The interval draws the test's examples anew 2000 times. It says nothing about examples of another kind.",
    ),
    "method-merged": (
        "Adapter ved siden af og adapter lagt ind i vægtene giver samme svar: største forskel {difference}.",
        "Adapter beside the weights and adapter merged into them give the same: largest difference {difference}.",
    ),
    "method-memory": (
        "GPU-hukommelse: anslået {need} GB på forhånd, målt {peak} GB.",
        "GPU memory: estimated {need} GB beforehand, measured {peak} GB.",
    ),
    "method-resumed": (
        "Kørslen blev startet igen og gik videre efter epoke {n}.",
        "The run was started again and went on after epoch {n}.",
    ),
    "h-next": ("Næste skridt", "Next steps"),
    "next-tiny": (
        "Ser eksemplerne rigtige ud, så kør med engine=peft på et sted med GPU, som må have dem.",
        "If the examples look right, run with engine=peft at a place with a GPU that may have them.",
    ),
    "next-peft": (
        "Læs samples.txt, og lad en fagperson bedømme flere svar i blinde.",
        "Read samples.txt, and let an expert judge more answers blind.",
    ),
    "next-try": (
        "Prøv først modellen uden træning med en god instruktion og tre eksempler i spørgsmålet; det er ofte nok.",
        "First try the model without training, with a good instruction and three examples in the prompt; it is often "
        "enough.",
    ),
    "next-share": (
        "En adapter hører til netop den model, den er trænet på, og følger dens licens.",
        "An adapter belongs to just the model it was trained on, and follows its licence.",
    ),
    "next-delete": (
        "Slet checkpoint/ på stedet, når du har adapteren.",
        "Delete checkpoint/ at the place when you have the adapter.",
    ),
    "made": (
        "Lavet {when} med dkai-opskriften lora-finetune {version}, Python {python}. Siden viser intet af, hvad der "
        "står i eksemplerne, og henter intet fra nettet.",
        "Made {when} with the dkai recipe lora-finetune {version}, Python {python}. The page shows nothing of what "
        "the examples say and fetches nothing from the network.",
    ),
    # samples.txt
    "samples-head": (
        "Svar på eksempler fra prøven. Filen hører hjemme, hvor dine data gør.",
        "Answers to examples from the test. This file belongs where your data belong.",
    ),
    "sample-prompt": ("spørgsmål", "prompt"),
    "sample-wanted": ("dit svar", "your answer"),
    "sample-before": ("modellen før", "the model before"),
    "sample-after": ("modellen med adapteren", "the model with the adapter"),
}  # fmt: skip
