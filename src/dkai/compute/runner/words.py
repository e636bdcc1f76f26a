"""What the runner says: lines in the job's log, in the person's language, and the frame of its answers."""

MARK = "dkai/runner/1 "  # begins each answer's line, so that a login's banner cannot be taken for one
SCHEMA = "dkai/record/1"
SECOND_START, CANNOT_RUN = 75, 78  # exit codes, as in sysexits(3): EX_TEMPFAIL, EX_CONFIG
PUT_BACK = "put-back"  # a record's reason: Slurm started a job again that cannot go on
GO_ON = 85  # a script's, that has written down where it is and can go on from there (not one of sysexits(3))

TEXTS = {
    "second": (
        "this job has been started before; this second start ends here, nothing runs twice",
        "jobbet er startet før; denne anden start slutter her, intet kører to gange",
    ),
    PUT_BACK: (
        "Slurm put this job back into its queue and started it again; it keeps no checkpoint, so it ends here",
        "Slurm lagde dette job tilbage i køen og startede det igen; det gemmer intet checkpoint, så det slutter her",
    ),
    "python-too-old": (
        "the job needs Python {low} or newer, and only {found} was found on {node}",
        "jobbet kræver Python {low} eller nyere, og på {node} findes kun {found}",
    ),
    "no-packages": (
        "these Python packages are missing on {node}: {missing}",
        "disse Python-pakker mangler på {node}: {missing}",
    ),
    "preparing": (
        "making a Python environment with {missing} (once; later jobs use it again) …",
        "gør et Python-miljø med {missing} klar (én gang; senere job bruger det igen) …",
    ),
    "waiting": (
        "another job is making the same Python environment; waiting for it …",
        "et andet job er ved at gøre det samme Python-miljø klar; venter på det …",
    ),
    "no-environment": (
        "the Python environment could not be made (see above). Can {node} reach a package index? If not, send the"
        " packages along with --carry-wheels, or name an interpreter that has {missing} as the site's python",
        "Python-miljøet kunne ikke laves (se ovenfor). Kan {node} nå et pakkeindeks? Hvis ikke, så send pakkerne"
        " med --carry-wheels, eller angiv en fortolker, der har {missing}, som stedets python",
    ),
    "no-internet": (
        "{missing} is not on {node}, and jobs there have no internet to fetch it; send it along with --carry-wheels",
        "{missing} findes ikke på {node}, og job dér har intet internet at hente det fra; send det med --carry-wheels",
    ),
    "not-in-it": (
        "these packages are missing in {where}, as {node} sees it: {missing}",
        "disse pakker mangler i {where}, som {node} ser det: {missing}",
    ),
    "no-python-in-it": (
        "there is no Python in {where}, as {node} sees it",
        "der er ingen Python i {where}, som {node} ser det",
    ),
    "no-r": (
        "there is no R (Rscript) on {node}",
        "der er ingen R (Rscript) på {node}",
    ),
    "r-too-old": (
        "the job needs R {low} or newer, and {node} has {found}",
        "jobbet kræver R {low} eller nyere, og {node} har {found}",
    ),
    "other-python": (
        "the packages that came along are for Python {low}, and {node} has {found}",
        "pakkerne, der fulgte med, er til Python {low}, og {node} har {found}",
    ),
    "no-build": (
        "this recipe has no packages built for {accelerator}, which {node} has; use the site's container or module",
        "opskriften har ingen pakker bygget til {accelerator}, som {node} har; brug en container eller et modul dér",
    ),
    "no-module": (
        "these modules cannot be loaded on {node}: {names}. {said}",
        "disse moduler kan ikke indlæses på {node}: {names}. {said}",
    ),
    "no-module-command": (
        "there is no module command on {node}, so {names} cannot be loaded. {said}",
        "der er ingen module-kommando på {node}, så {names} kan ikke indlæses. {said}",
    ),
    "no-image": (
        "the container image is not on {node}: {image}",
        "container-billedet findes ikke på {node}: {image}",
    ),
    "no-container-runtime": (
        "there is neither Apptainer nor Singularity on {node} to run {image}",
        "der er hverken Apptainer eller Singularity på {node} til at køre {image}",
    ),
    "container-failed": (
        "the container did not start on {node} (see above): {image}",
        "containeren startede ikke på {node} (se ovenfor): {image}",
    ),
    "no-home": (
        "there is no home folder on {node} that can be written to; {folder} is used in its place",
        "der er ingen hjemmemappe på {node}, som der kan skrives i; {folder} bruges i stedet",
    ),
    "bad-job": (
        "the job's own description cannot be used: {why}",
        "jobbets egen beskrivelse kan ikke bruges: {why}",
    ),
    "again": (
        "started again (start {n}): it goes on from its checkpoint",
        "startet igen (start {n}): jobbet fortsætter fra sit checkpoint",
    ),
    "warned": (
        "the time is nearly up: the job is asked to write down where it is",
        "tiden er næsten gået: jobbet bliver bedt om at gemme, hvor langt det er",
    ),
    "requeue": (
        "the time is up: back into the queue, to go on from the checkpoint ({n} more times after this one)",
        "tiden er gået: tilbage i køen for at fortsætte fra checkpointet ({n} gange mere efter denne)",
    ),
    "no-requeue": (
        "Slurm did not put the job back into the queue",
        "Slurm lagde ikke jobbet tilbage i køen",
    ),
    "saved": (
        "it did not get to its end in the time it had; how far it got is in checkpoint/",
        "jobbet nåede ikke til ende i tide; hvor langt det kom, ligger i checkpoint/",
    ),
    "ending": (
        "this start was told to end; if Slurm starts the job again, it goes on from its checkpoint",
        "denne start har fået besked på at slutte; starter Slurm jobbet igen, fortsætter det fra sit checkpoint",
    ),
    "superseded": (
        "Slurm has started this job again elsewhere; this start ends here and touches nothing more",
        "Slurm har startet jobbet igen et andet sted; denne start slutter her og rører ikke mere",
    ),
    "rank-failed": (
        "process {rank} on {node} ended with exit code {code}; the others are ended with it",
        "proces {rank} på {node} sluttede med exitkode {code}; de andre bliver afsluttet",
    ),
    "no-srun": (
        "there is no srun on {node} to start the job's processes with",
        "der er ingen srun på {node} til at starte jobbets processer med",
    ),
    "walltime": (
        "time is up: the job asked for {seconds} seconds",
        "tiden er gået: jobbet bad om {seconds} sekunder",
    ),
    "stopped": (
        "the job was told to stop",
        "jobbet har fået besked på at stoppe",
    ),
    "task-completed": (
        "task {number} ({values}): finished, {seconds} s",
        "delopgave {number} ({values}): færdig, {seconds} s",
    ),
    "task-failed": (
        "task {number} ({values}): failed with exit code {code}, {seconds} s; the end of its log:",
        "delopgave {number} ({values}): fejlede med slutkode {code}, {seconds} s; slutningen af dens log:",
    ),
    "task-timeout": (
        "task {number} ({values}): stopped, its time was up, {seconds} s; the end of its log:",
        "delopgave {number} ({values}): stoppet, tiden var gået, {seconds} s; slutningen af dens log:",
    ),
    "task-cancelled": (
        "task {number} ({values}): cancelled, {seconds} s",
        "delopgave {number} ({values}): annulleret, {seconds} s",
    ),
}
