"""What the runner says: lines in the job's log, in the person's language, and the frame of its answers."""

MARK = "dkai/runner/1 "  # begins each answer's line, so that a login's banner cannot be taken for one
SCHEMA = "dkai/record/1"
SECOND_START, CANNOT_RUN = 75, 78  # exit codes, as in sysexits(3): EX_TEMPFAIL, EX_CONFIG

TEXTS = {
    "second": (
        "this job has been started before; this second start ends here, nothing runs twice",
        "jobbet er startet før; denne anden start slutter her, intet kører to gange",
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
        "the Python environment could not be made (see above). Can {node} reach a package index? If not, name an"
        " interpreter that has {missing} as the site's python",
        "Python-miljøet kunne ikke laves (se ovenfor). Har {node} adgang til et pakkeindeks? Hvis ikke, så angiv en"
        " fortolker, der har {missing}, som stedets python",
    ),
    "bad-job": (
        "the job's own description cannot be used: {why}",
        "jobbets egen beskrivelse kan ikke bruges: {why}",
    ),
    "walltime": (
        "time is up: the job asked for {seconds} seconds",
        "tiden er gået: jobbet bad om {seconds} sekunder",
    ),
    "stopped": (
        "the job was told to stop",
        "jobbet har fået besked på at stoppe",
    ),
}
