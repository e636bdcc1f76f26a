"""What the reader sees, in Danish and English."""

TEXTS = {
    "title": ("Flere GPU'er og noder", "Several GPUs and nodes"),
    # the verdict
    "talk": (
        "{processes} på {nodes} fandt hinanden og kunne sende til hinanden.",
        "{processes} on {nodes} found each other and could send to each other.",
    ),
    "alone": (
        "Der var kun én proces, så der var ingen at tale med. Bed om flere GPU'er, kerner eller noder.",
        "There was only one process, and so nobody to talk to. Ask for more GPUs, cores or nodes.",
    ),
    "as-asked": ("Det er, hvad du bad om.", "That is what you asked for."),
    "not-nodes": (
        "Du bad om {asked} og fik {got}.",
        "You asked for {asked} and got {got}.",
    ),
    "not-gpus": (
        "Du bad om {asked}, og der startede {got}: én til hver GPU var ventet.",
        "You asked for {asked}, and {got} started: one for each GPU was expected.",
    ),
    "sums-right": ("Alle summer var rigtige.", "All sums were right."),
    "sums-wrong": (
        "{n} summer var FORKERTE: noget i maskinen eller netværket er i stykker. Sig det til stedets support.",
        "{n} sums were WRONG: something in the machine or network is broken. Tell the place's support.",
    ),
    "step-right": (
        "Et skridt af fordelt træning gav samme gradient som alle data på én gang.",
        "One step of data-parallel training gave the same gradient as all data at once.",
    ),
    "step-wrong": (
        "Et skridt af fordelt træning gav en ANDEN gradient end alle data på én gang.",
        "One step of data-parallel training gave ANOTHER gradient than all data at once.",
    ),
    "even": (
        "Ingen proces var mærkbart langsommere end de andre.",
        "No process was noticeably slower than the others.",
    ),
    "uneven": (
        "Disse processer regnede mindst 25 % langsommere end den midterste: {ranks}. De andre venter på dem.",
        "These processes computed at least 25 % slower than the middle one: {ranks}. The others wait for them.",
    ),
    "speed": (
        "En besked til naboen tog {latency} µs; {size} af gangen gik med {rate} MB/s.",
        "A message to the neighbour took {latency} µs; blocks went at {rate} MB/s ({size} at a time).",
    ),
    "speed-torch": (
        "Gennem PyTorch ({backend}) gik udvekslingen med {rate} MB/s (busbåndbredde).",
        "Through PyTorch ({backend}) the exchange went at {rate} MB/s (bus bandwidth).",
    ),
    "resumed": (
        "Jobbet startede {n} gange og fortsatte hver gang fra sit checkpoint; ingen runde er gjort to gange.",
        "The job started {n} times and each time went on from its checkpoint; no round was done twice.",
    ),
    "strangers": (
        "{n} forbindelser uden jobbets hemmelighed blev afvist.",
        "{n} connections without the job's secret were turned away.",
    ),
    "process-one": ("proces", "process"),
    "process-many": ("processer", "processes"),
    "node-one": ("node", "node"),
    "node-many": ("noder", "nodes"),
    "gpu-one": ("GPU", "GPU"),
    "gpu-many": ("GPU'er", "GPUs"),
    # the report
    "h-ranks": ("Processerne", "The processes"),
    "h-rounds": ("Runderne", "The rounds"),
    "h-notes": ("Bemærk", "Please note"),
    "col-rank": ("nummer", "number"),
    "col-node": ("node", "node"),
    "col-device": ("regner på", "computes on"),
    "col-gpus": ("ser GPU'er", "sees GPUs"),
    "col-work": ("samme arbejde, ms", "same work, ms"),
    "col-latency": ("besked, µs", "message, µs"),
    "col-rate": ("udveksling, MB/s", "exchange, MB/s"),
    "rounds-line": (
        "{done} runder; det sidste tal er {number}. Det er det samme, uanset hvor tit jobbet blev afbrudt.",
        "{done} rounds; the last number is {number}. It is the same however often the job was interrupted.",
    ),
    "rounds-start": ("runde {first} til {last} på {node}", "rounds {first} to {last} on {node}"),
    "note-tcp": (
        "Farten er målt med almindelig TCP fra Python; NCCL, RCCL og MPI bruger stedets hurtige netværk og når mere.",
        "Speed was measured over plain TCP from Python; NCCL, RCCL and MPI use the place's fast network, and get more.",
    ),
    "note-torch": ("PyTorch blev ikke brugt: {why}", "PyTorch was not used: {why}"),
    "made": (
        "Lavet {when} af opskriften multi-gpu-check på {seconds} s.",
        "Made {when} by the recipe multi-gpu-check in {seconds} s.",
    ),
    "cpu": ("CPU", "the CPU"),
    "not-told": ("ikke oplyst", "not told"),
    "why-tcp": ("backend er sat til tcp", "backend is set to tcp"),
    "why-no-torch": ("PyTorch er ikke installeret hos alle ({why})", "PyTorch is not installed for all ({why})"),
    "why-no-gpus": ("ingen proces ser en GPU", "no process sees a GPU"),
    "why-some-gpus": (
        "{n} af {all} processer ser ingen GPU",
        "{n} of {all} processes see no GPU",
    ),
    # progress
    "doing-met": ("{n} har fundet hinanden …", "{n} have found each other …"),
    "doing-sums": ("regner summer og tjekker dem …", "adding up, and checking …"),
    "doing-speed": ("måler, hvor hurtigt de udveksler …", "measuring how fast they exchange …"),
    "doing-torch": ("prøver PyTorch ({backend}) på {device} …", "trying PyTorch ({backend}) on {device} …"),
    "doing-rounds": ("kører {n} runder, der kan afbrydes …", "going {n} rounds that can be interrupted …"),
    "doing-again": (
        "fortsætter fra checkpointet: {done} af {all} runder er gjort",
        "going on from the checkpoint: {done} of {all} rounds are done",
    ),
    "doing-stopped": (
        "stoppet efter {done} af {all} runder; resten kan fortsætte fra checkpointet",
        "stopped after {done} of {all} rounds; the rest can go on from the checkpoint",
    ),
    # what stops the run
    "stop-meet": (
        "Proces {rank} fandt ikke de andre på {address}:{port} ({why}). Startede de alle, og må noderne tale sammen?",
        "Process {rank} did not find the others at {address}:{port} ({why}). Did all start, and may the nodes talk?",
    ),
    "stop-lost": (
        "Proces {rank} på {node} mistede forbindelsen til de andre: {why}",
        "Process {rank} on {node} lost its connection to the others: {why}",
    ),
}
