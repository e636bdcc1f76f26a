"""The texts of this recipe. (Danish, English)."""

from words import Texts

TEXTS: Texts = {
    "kicker": ("Transskription af interview", "Transcribing interviews"),
    "title": ("Hvad er der på optagelserne?", "What is on the recordings?"),
    "recording-one": ("optagelse", "recording"),
    "recording-many": ("optagelser", "recordings"),
    # progress
    "doing-file": ("{n} af {of}: {file}", "{n} of {of}: {file}"),
    "doing-kept": ("{n} af {of}: {file} er allerede færdig", "{n} of {of}: {file} is finished already"),
    "doing-model": ("Henter modellen {model} ind på {device}", "Loading the model {model} on the {device}"),
    "no-gpu": (
        "Der er ingen GPU her, som modellen kan bruge. Den regner på CPU'en; det tager meget længere tid.",
        "There is no GPU here that the model can use. It computes on the CPU, which takes much longer.",
    ),
    "done": ("Færdig. Åbn output/report.html", "Done. Open output/report.html"),
    "file-failed": ("{file} kunne ikke bruges: {why}", "{file} could not be used: {why}"),
    # reasons
    "stop-none": ("Ingen af optagelserne kunne bruges. {why}", "None of the recordings could be used. {why}"),
    "stop-model": (
        "Modellen {model} kan ikke hentes ind: {why}. Uden internet på stedet skal modellen ligge der i forvejen: "
        "angiv dens mappe med model_folder.",
        "The model {model} cannot be loaded: {why}. Without internet at the place the model must lie there "
        "beforehand: give its folder with model_folder.",
    ),
    "stop-danish-only": (
        "Modellen {model} kan kun dansk: sæt language til da, eller vælg en anden model.",
        "The model {model} knows only Danish: set language to da, or choose another model.",
    ),
    "why-empty": ("filen er tom", "the file is empty"),
    "why-not-wav": ("det er ikke en WAV-fil, der kan læses her", "it is no WAV file that can be read here"),
    "why-odd": (
        "lyden er usædvanlig ({rate} Hz, {channels} kanaler, {bits} bit)",
        "the sound is unusual ({rate} Hz, {channels} channels, {bits} bits)",
    ),
    "why-short": ("den er kortere end et halvt sekund", "it is shorter than half a second"),
    "why-long": ("den er længere end et døgn", "it is longer than a day"),
    "why-no-reader": (
        "{ending} kan ikke læses her, for hverken PyAV eller ffmpeg er installeret. Gem den som WAV",
        "{ending} cannot be read here, as neither PyAV nor ffmpeg is installed. Save it as WAV",
    ),
    "why-not-decoded": ("lyden kan ikke afkodes ({why})", "the sound cannot be decoded ({why})"),
    "why-no-audio": ("der er ingen lyd i filen", "there is no sound in the file"),
    # the conclusion
    "verdict-check": (
        "{n}, {total} i alt, heraf omkring {speech} tale. Intet er skrevet ud endnu.",
        "{n}, {total} in all, about {speech} of it speech. Nothing has been transcribed yet.",
    ),
    "verdict-whisper": (
        "{n}, {total} i alt, er skrevet ud af en maskine. Lyt igen til {doubts} af {passages} passager.",
        "{n}, {total} in all, transcribed by a machine. Listen again to {doubts} of {passages} passages.",
    ),
    "lead-check": (
        "Opskriften har lyttet efter, hvor nogen taler, ikke efter hvad de siger. Til hver optagelse er der et "
        "skelet med tidskoder og tomme linjer, som du kan skrive i, og en vurdering af lyden. Kør igen med "
        "engine=whisper for at få teksten.",
        "The recipe listened for where somebody speaks, not for what they say. For every recording there is a "
        "skeleton with time codes and empty lines to write in, and a judgement of the sound. Run again with "
        "engine=whisper to get the text.",
    ),
    "lead-whisper": (
        "Teksten er et udkast. En talemodel hører forkert, især navne, dialekt og flere på én gang, og kan skrive "
        "noget, ingen har sagt. Læs den igennem med lyden, før du citerer.",
        "The text is a draft. A speech model mishears, above all names, dialect and several voices at once, and can "
        "write what nobody said. Read it through with the sound before you quote.",
    ),
    "tile-total": ("i alt, {n}", "in all, {n}"),
    "tile-speech": ("tale; mellem {low} og {high}", "speech; between {low} and {high}"),
    "tile-speech-sure": ("tale, også med grænsen flyttet", "speech, with the bound moved too"),
    "tile-share": ("af tiden taler nogen", "of the time somebody speaks"),
    "tile-turns": ("replikker at skrive ud", "turns to transcribe"),
    "tile-again": ("af {n} passager at lytte til igen", "of {n} passages to listen to again"),
    # pictures
    "h-turns": ("Hvem taler hvornår", "Who speaks when"),
    "alt-turns": ("Tale over tid i {file}", "Speech over time in {file}"),
    "caption-separate": (
        "{turns} replikker. Hver taler har sin egen kanal, så vi ved, hvem der taler.",
        "{turns} turns. Each speaker has a channel of their own, so it is known who speaks.",
    ),
    "caption-one": (
        "{turns} replikker. Alle taler i samme kanal, så hvem der taler, er ikke fundet.",
        "{turns} turns. All speak in one channel, so who speaks has not been found.",
    ),
    "more-recordings": (
        "{n} optagelser mere er med i tabellen, men ikke tegnet.",
        "{n} more recordings are in the table but not drawn.",
    ),
    # warnings
    "h-warnings": ("Det skal du vide om lyden", "What to know about the sound"),
    "no-warnings": (
        "Intet i lyden tyder på, at den bliver svær at skrive ud.",
        "Nothing in the sound suggests that it will be hard to transcribe.",
    ),
    "warn-no-speech": (
        "ingen tale skiller sig ud fra baggrunden. Er det den rigtige fil, og var mikrofonen tændt?",
        "no speech stands out from the background. Is it the right file, and was the microphone on?",
    ),
    "warn-clipped": (
        "optaget for kraftigt: {share} af lyden under tale er klippet af. Det kan ikke rettes bagefter; ord kan være "
        "tabt.",
        "recorded too loud: {share} of the sound in speech is cut off. It cannot be mended afterwards; words may be "
        "lost.",
    ),
    "warn-low": (
        "optaget meget svagt (tale omkring {level} dB). Forstærk den, før du lytter.",
        "recorded very low (speech about {level} dB). Amplify it before you listen.",
    ),
    "warn-noise": (
        "talen ligger kun {db} dB over baggrundsstøjen. Regn med flere fejl i teksten.",
        "speech is only {db} dB above the background noise. Expect more errors in the text.",
    ),
    "warn-hum": (
        "netbrum ved 50 Hz ({db} dB over omgivelserne). Det fylder lidt for øret, men kan filtreres fra.",
        "mains hum at 50 Hz ({db} dB above its surroundings). It can be filtered out.",
    ),
    "warn-telephone": (
        "optaget med {rate} Hz, som en telefon: s- og f-lyde mangler, og det giver flere fejl.",
        "recorded at {rate} Hz, like a telephone: s and f sounds are missing, which gives more errors.",
    ),
    "warn-little": (
        "kun {share} af optagelsen er tale. Klip stilheden fra, så er der mindre at regne på.",
        "only {share} of the recording is speech. Cut the silence away and there is less to compute.",
    ),
    "warn-dead": (
        "kanal {channel} er tavs. Var den mikrofon tændt?",
        "channel {channel} is silent. Was that microphone on?",
    ),
    "warn-overlap": (
        "flere taler samtidig i {share} af taletiden. Der bliver teksten dårligst.",
        "several speak at once in {share} of the speech. There the text will be worst.",
    ),
    # tables
    "h-table": ("Optagelserne", "The recordings"),
    "col-file": ("Fil", "File"),
    "col-length": ("Længde", "Length"),
    "col-speech": ("Tale", "Speech"),
    "col-level": ("Niveau", "Level"),
    "col-above": ("Over støjen", "Above the noise"),
    "col-sound": ("Lyd", "Sound"),
    "sound-kind": (
        "{rate}\u00a0kHz, {bits}\u00a0bit, {channels}\u00a0kan.",
        "{rate}\u00a0kHz, {bits}\u00a0bits, {channels}\u00a0ch.",
    ),
    "h-again": ("Lyt til disse steder igen", "Listen to these places again"),
    "again-lead": (
        "Teksten selv står i filerne, ikke her. Stederne er markeret med gult i Word-filen og med [?] i tekstfilen. "
        "At et sted ikke er markeret, er ingen garanti.",
        "The text itself is in the files, not here. The places are marked yellow in the Word file and with [?] in the "
        "text file. That a place is not marked is no guarantee.",
    ),
    "again-none": (
        "Ingen steder er markeret. Lyt stikprøver alligevel.",
        "No places are marked. Listen to samples anyway.",
    ),
    "col-where": ("Hvor", "Where"),
    "col-why": ("Hvorfor", "Why"),
    "doubt-unsure": ("modellen er usikker på ordene", "the model is unsure of the words"),
    "doubt-repeats": ("gentager sig selv", "repeats itself"),
    "doubt-silence": ("næsten ingen tale her", "hardly any speech here"),
    "doubt-credits": ("ligner underteksters slutlinje", "looks like the last line of subtitles"),
    # method
    "h-method": ("Sådan er det gjort", "How it was done"),
    "method-speech": (
        "Tale findes på lydens niveau mellem 120 og 3800 Hz hver 1/50 sekund, målt mod baggrunden omkring (de 30 "
        "nærmeste sekunders svageste tiendedel). Et host eller en dør kan tælle som tale, og meget lav tale kan "
        "mangle.",
        "Speech is found from the level of the sound between 120 and 3800 Hz every 1/50 second, against the "
        "background around it (the lowest tenth of the nearest 30 seconds). A cough or a door may count as speech, "
        "and very quiet speech may be missed.",
    ),
    "method-range": (
        "Taletiden gives med et spænd: det, man får, når grænsen flyttes 3 dB op og ned.",
        "The time of speech is given with a range: what one gets when the bound is moved 3 dB up and down.",
    ),
    "method-turns": (
        "En replik slutter, når der er stille længere end pause (parameter).",
        "A turn ends when there is silence for longer than pause (a parameter).",
    ),
    "method-channels": (
        "Har optagelsen to kanaler med hver sin lyd, tages hver kanal som én taler, og naboens stemme gennem den "
        "forkerte mikrofon (mindst 6 dB svagere) tælles ikke.",
        "Where a recording has two channels with different sound, each channel is taken as one speaker, and the "
        "neighbour's voice through the wrong microphone (at least 6 dB weaker) is not counted.",
    ),
    "method-whisper": (
        "Teksten er lavet med faster-whisper på den maskine, jobbet kørte på. Lyden er ikke sendt nogen steder hen.",
        "The text was made with faster-whisper on the machine the job ran on. The sound was sent nowhere.",
    ),
    "method-guards": (
        "Det, modellen skrev, hvor opskriften næsten ingen tale hører, er udeladt. Gentagelser, usikre ord og linjer, "
        "der ligner underteksters slutning, er markeret.",
        "What the model wrote where the recipe hears hardly any speech is left out. Repeats, unsure words and lines "
        "that look like the end of subtitles are marked.",
    ),
    "h-next": ("Næste skridt", "Next steps"),
    "next-1": (
        "Lyt til et minut af hver optagelse, der har en advarsel.",
        "Listen to a minute of every recording with a warning.",
    ),
    "next-2": (
        "Kør opskriften igen med engine=whisper på et sted med GPU, som må have dine data.",
        "Run the recipe again with engine=whisper at a place with a GPU that may have your data.",
    ),
    "next-3": (
        "Skriver du selv ud: åbn .docx-filen, eller hent .srt-filen ind i et program med afspiller.",
        "If you transcribe by hand: open the .docx file, or load the .srt file in a program with a player.",
    ),
    "next-4": (
        "Ved næste interview: en mikrofon til hver, hver sin kanal, 16 bit og mindst 16 kHz.",
        "At the next interview: a microphone each, a channel each, 16 bits and at least 16 kHz.",
    ),
    "next-w-1": (
        "Læs teksten igennem med lyden; begynd med de markerede steder.",
        "Read the text through with the sound; begin with the marked places.",
    ),
    "next-w-2": (
        "Ret ti minutter helt i hånden, og tæl ordfejl: så ved du, hvor god den er på netop dine optagelser.",
        "Correct ten minutes wholly by hand and count the word errors: then you know how good it is on your own "
        "recordings.",
    ),
    "next-w-3": (
        "Slet lyd og tekst på stedet, når du har hentet dem hjem.",
        "Delete sound and text at the place when you have fetched them home.",
    ),
    "made": (
        "Lavet {when} med dkai-opskriften transcribe {version}, Python {python}. Siden indeholder ikke, hvad der "
        "siges på optagelserne, og henter intet fra nettet.",
        "Made {when} with the dkai recipe transcribe {version}, Python {python}. The page holds nothing of what is "
        "said on the recordings and fetches nothing from the network.",
    ),
    # in the files
    "speaker": ("Taler {n}", "Speaker {n}"),
    "fill-in": ("[skriv her]", "[write here]"),
    "vtt-note": ("Intet er skrevet ud. Tidskoder fundet af en maskine.", "Nothing is transcribed. Times by a machine."),
    "vtt-machine": ("Skrevet ud af en maskine; ikke gennemlæst.", "Transcribed by a machine; not proofread."),
    "head-empty": (
        "{file}: INTET ER SKREVET UD. Tidskoderne er fundet af en maskine; linjerne er til at skrive i.",
        "{file}: NOTHING HAS BEEN TRANSCRIBED. The time codes were found by a machine; the lines are to write in.",
    ),
    "head-machine": (
        "{file}: skrevet ud af en maskine og ikke gennemlæst. Lyt efter, før du citerer.",
        "{file}: transcribed by a machine and not proofread. Listen before you quote.",
    ),
    "head-doubts": (
        "{n} passager er markeret, fordi de bør høres igen.",
        "{n} passages are marked because they should be heard again.",
    ),
}  # fmt: skip
