"""What the reader sees, in Danish and English: one table, so that a missing half shows at a glance."""

import os
from typing import Any, Dict, List, Tuple

TEXTS: Dict[str, Tuple[str, str]] = {
    # the verdict, first half: what the job sees
    "seen-as-asked": (
        "Du bad om {asked}; jobbet ser {seen}: {names}.",
        "You asked for {asked}; the job sees {seen}: {names}.",
    ),
    "seen-unasked": (
        "Jobbet ser {seen}: {names}. Hvor mange der blev bedt om, er ikke oplyst.",
        "The job sees {seen}: {names}. How many were asked for was not said.",
    ),
    "seen-fewer": (
        "Du bad om {asked}, men jobbet ser kun {seen}: {names}.",
        "You asked for {asked}, but the job sees only {seen}: {names}.",
    ),
    "seen-more": (
        "Du bad om {asked}, men jobbet ser {seen}: {names}. De øvrige kan tilhøre andre: brug kun det, du bad om.",
        "You asked for {asked}, but the job sees {seen}: {names}. The others may be somebody else's: "
        "use only what you asked for.",
    ),
    "seen-unwanted": (
        "Jobbet ser {seen}: {names}, selv om der ikke er bedt om nogen.",
        "The job sees {seen}: {names}, though none was asked for.",
    ),
    "no-driver": (
        "{asked_sentence}Scheduleren gav GPU {given}, men ingen driver svarer: der kan ikke regnes på den her.",
        "{asked_sentence}The scheduler gave GPU(s) {given} but no driver answers: nothing can be computed on it here.",
    ),
    "no-driver-broken": (
        "{asked_sentence}Der er tegn på en GPU, men driveren svarer ikke: {why}",
        "{asked_sentence}There are signs of a GPU, but its driver does not answer: {why}",
    ),
    "none-but-asked": (
        "Du bad om {asked}, men jobbet ser ingen.",
        "You asked for {asked}, but the job sees none.",
    ),
    "none": (
        "Jobbet ser ingen GPU, og der er ikke bedt om nogen. Det er en CPU-kørsel.",
        "The job sees no GPU, and none was asked for. This is a CPU run.",
    ),
    "none-unasked": (
        "Jobbet ser ingen GPU.",
        "The job sees no GPU.",
    ),
    "asked-sentence": ("Du bad om {asked}. ", "You asked for {asked}. "),
    "no-gpus": ("ingen GPU", "no GPU"),
    "one-gpu": ("1 GPU", "1 GPU"),
    "n-gpus": ("{n} GPU'er", "{n} GPUs"),
    # the verdict, second half: does it compute correctly
    "all-right": (
        "Alle {n} beregninger på {device} stemte.",
        "All {n} computations on {device} came out right.",
    ),
    "some-wrong": (
        "FORKERT: {bad} af {n} beregninger på {device} stemte ikke. Brug ikke resultater herfra, og skriv til "
        "stedets support med rapporten vedlagt.",
        "WRONG: {bad} of {n} computations on {device} did not come out right. Do not trust results from it, and "
        "write to the place's support with this report.",
    ),
    "some-failed": (
        "{bad} af {n} beregninger på {device} kunne ikke køre: {why}",
        "{bad} of {n} computations on {device} could not run: {why}",
    ),
    "gpu-not-computed": (
        "GPU'en selv er ikke afprøvet: {why}",
        "The GPU itself was not computed on: {why}",
    ),
    "why-no-torch": (
        "PyTorch findes ikke i {python}. Kør igen i et miljø, der har det.",
        "PyTorch is not there for {python}. Run again in an environment that has it.",
    ),
    "why-torch-broken": (
        "PyTorch er installeret, men kan ikke indlæses: {why}",
        "PyTorch is installed but cannot be loaded: {why}",
    ),
    "why-torch-cpu": (
        "PyTorch {version} her er bygget uden støtte til grafikkortet (en ren CPU-udgave).",
        "PyTorch {version} here is built without support for the graphics card (a CPU-only build).",
    ),
    "why-torch-no-device": (
        "PyTorch {version} ({build}) finder ingen GPU. Driveren kan være for gammel til den udgave, eller jobbet "
        "har ikke adgang.",
        "PyTorch {version} ({build}) finds no GPU. The driver may be too old for that build, or the job has no access.",
    ),
    "why-no-gpu": ("jobbet ser ingen.", "the job sees none."),
    # speed
    "speed-line": (
        "{device}, {what}: {median} {unit} (mellem {low} og {high}, {n} gentagelser)",
        "{device}, {what}: {median} {unit} (between {low} and {high}, {n} repetitions)",
    ),
    "speed-failed": ("{device}, {what}: ikke målt, {why}", "{device}, {what}: not measured, {why}"),
    "what-matmul": ("matrixprodukt {kind}, {n} × {n}", "matrix product {kind}, {n} × {n}"),
    "what-copy": ("læs og skriv i egen hukommelse", "reading and writing its own memory"),
    "what-to-device": ("kopi fra maskinens hukommelse til GPU'en", "copy from the machine's memory to the GPU"),
    "what-from-device": ("kopi fra GPU'en til maskinens hukommelse", "copy from the GPU to the machine's memory"),
    "what-python": (
        "heltalsregning i ren Python på én kerne (siger intet om en GPU)",
        "integer arithmetic in plain Python on one core (says nothing about a GPU)",
    ),
    "what-sha": ("SHA-256 på én kerne (siger intet om en GPU)", "SHA-256 on one core (says nothing about a GPU)"),
    "unit-mops": ("mio. trin/s", "million steps/s"),
    # correctness
    "check-matmul": (
        "matrixprodukt {kind}, {n} × {n}, mod et facit i float64 på CPU'en",
        "matrix product {kind}, {n} × {n}, against a float64 reference on the CPU",
    ),
    "check-integers": (
        "heltalsfølge: 1000 skridt for 10.000 frø, mod samme regnestykke på CPU'en",
        "integer sequence: 1,000 steps for 10,000 seeds, against the same sum on the CPU",
    ),
    "check-minstd": (
        "heltalsfølge: trin 10.000 af minstd_rand, mod værdien i C++-standarden",
        "integer sequence: step 10,000 of minstd_rand, against the value in the C++ standard",
    ),
    "check-sha": ("SHA-256 af »abc«, mod FIPS 180-4", "SHA-256 of “abc”, against FIPS 180-4"),
    "check-fibonacci": (
        "Fibonaccital nr. 100 ved matrixpotens, mod det kendte tal",
        "Fibonacci number 100 by matrix powers, against the known number",
    ),
    "tolerance-note": (
        "Tolerancen er det, afrunding med god margen kan give i den præcision; en større fejl er en regnefejl.",
        "The tolerance is what rounding can cause at that precision, with a good margin; a larger error is a fault.",
    ),
    "right": ("stemmer", "right"),
    "wrong": ("STEMMER IKKE", "WRONG"),
    "not-run": ("kunne ikke køre", "could not run"),
    # notes
    "note-in-use": (
        "{name}: {used} GB af {total} GB hukommelse var allerede optaget, før målingen begyndte. Andre kan bruge "
        "kortet, så farten her er et nedre bud.",
        "{name}: {used} GB of {total} GB memory was already taken before measuring began. Others may be using the "
        "card, so the speed here is a lower bound.",
    ),
    "note-gcd": (
        "Et MI250X-kort er to halvdele (GCD'er), og Slurm tæller hver halvdel som 1 GPU.",
        "An MI250X card is two halves (GCDs), and Slurm counts each half as 1 GPU.",
    ),
    "note-mig": (
        "{name} er delt (MIG): jobbet har et udsnit af kortet, ikke det hele.",
        "{name} is shared out (MIG): the job has a slice of the card, not all of it.",
    ),
    "note-unmatched": (
        "{variable}={value} peger på noget, driveren ikke kender; alt fra {token} og frem tæller ikke med.",
        "{variable}={value} points at something the driver does not know; everything from {token} on is ignored.",
    ),
    "note-ecc": (
        "{name} har {n} hukommelsesfejl, som ikke kunne rettes, siden sidste genstart. Skriv til stedets support.",
        "{name} has {n} memory errors that could not be corrected since the last restart. Write to support.",
    ),
    "note-hidden": (
        "Driveren kender {there} i maskinen, men kun {seen} er jobbets ({variable}={value}).",
        "The driver knows {there} in the machine, but only {seen} belong to the job ({variable}={value}).",
    ),
    "note-library": (
        "Driverbiblioteket svarer ikke et program: {why}",
        "The driver's library does not answer a program: {why}",
    ),
    "note-limit": ("Kun de første {n} GPU'er er afprøvet.", "Only the first {n} GPUs were tried."),
    "note-env": ("{name} er ikke sat", "{name} is not set"),
    # progress
    "doing-look": ("Ser efter, hvad der er …", "Looking at what is there …"),
    "doing-check": ("Regner efter på {device} …", "Checking the arithmetic on {device} …"),
    "doing-speed": ("Måler fart på {device} …", "Measuring speed on {device} …"),
    "done": (
        "Rapporten ligger i output/report.md og output/report.json.",
        "The report is in output/report.md and output/report.json.",
    ),
    # the written report
    "title": ("GPU-tjek", "GPU check"),
    "h-verdict": ("Konklusion", "Verdict"),
    "h-seen": ("Hvad jobbet har", "What the job has"),
    "h-correct": ("Regner det rigtigt?", "Does it compute correctly?"),
    "h-speed": ("Hvor hurtigt?", "How fast?"),
    "h-notes": ("Bemærk", "Note"),
    "h-scheduler": ("Hvad scheduleren sagde", "What the scheduler said"),
    "col-device": ("enhed", "device"),
    "col-memory": ("hukommelse", "memory"),
    "col-driver": ("driver", "driver"),
    "col-in-job": ("jobbets?", "the job's?"),
    "col-what": ("hvad", "what"),
    "col-error": ("største fejl", "largest error"),
    "col-tolerance": ("tolerance", "tolerance"),
    "col-result": ("resultat", "result"),
    "col-median": ("median", "median"),
    "col-range": ("fra–til", "from–to"),
    "exact": ("eksakt", "exact"),
    "yes": ("ja", "yes"),
    "no": ("nej", "no"),
    "unknown": ("ukendt: {why}", "unknown: {why}"),
    "no-scheduler": ("Ingen variabler fra en scheduler.", "No variables from a scheduler."),
    "cpu-line": (
        "CPU: {model}, {cores} til jobbet af {all} i maskinen; hukommelse {memory}",
        "CPU: {model}, {cores} for the job out of {all} in the machine; memory {memory}",
    ),
    "one-core": ("1 kerne", "1 core"),
    "n-cores": ("{n} kerner", "{n} cores"),
    "memory-limit": ("højst {limit} GB af maskinens {total} GB", "at most {limit} GB of the machine's {total} GB"),
    "memory-all": ("{total} GB (ingen grænse fundet)", "{total} GB (no limit found)"),
    "gb-note": (
        "GB er her 2^30 byte, sådan som producenterne tæller grafikhukommelse; GB/s og TFLOP/s er 10^9 og 10^12.",
        "GB here is 2^30 bytes, as makers count graphics memory; GB/s and TFLOP/s are 10^9 and 10^12.",
    ),
    "made": (
        "Lavet {when} med Python {python}; PyTorch: {torch}.",
        "Made {when} with Python {python}; PyTorch: {torch}.",
    ),
    "torch-absent": ("findes ikke her", "not there"),
    # reasons for an unknown
    "why-not-said": ("{name} er ikke sat", "{name} is not set"),
    "why-not-reported": ("driveren oplyser det ikke", "the driver does not say"),
    "why-system": ("dette styresystem oplyser det ikke", "this operating system does not say"),
    # what stops the run
    "stop-params": ("params.json kan ikke læses: {why}", "params.json cannot be read: {why}"),
    "stop-number": (
        "»repetitions« skal være et helt tal fra 3 til 100; der står {value}.",
        "“repetitions” must be a whole number from 3 to 100; it says {value}.",
    ),
    "stop-flag": (
        "»{name}« skal være sand eller falsk; der står {value}.",
        "“{name}” must be true or false; it says {value}.",
    ),
    "stop-output": ("kan ikke skrive i output/: {why}", "cannot write in output/: {why}"),
    "stop-wrong": ("En GPU regner forkert; se output/report.md.", "A GPU computes wrongly; see output/report.md."),
    "stop-strict": (
        "De GPU'er, der blev bedt om, kan ikke bruges (»strict« er slået til); se output/report.md.",
        "The GPUs asked for cannot be used (“strict” is on); see output/report.md.",
    ),
}


class Words:
    """The texts in the run's language, and numbers written as that language writes them."""

    def __init__(self, language: str) -> None:
        self.language = "da" if language.lower().startswith("da") else "en"

    def __call__(self, key: str, **values: Any) -> str:
        danish, english = TEXTS[key]
        return (danish if self.language == "da" else english).format(**values)

    def number(self, value: float, digits: int = 3) -> str:
        """`value` with about `digits` significant digits: 49.4, 0.613, 1,240 (Danish: 49,4; 1.240)."""
        if value == 0:
            return "0"
        decimals = 0
        size = abs(value)
        while size < 10 ** (digits - 1) and decimals < 6:
            size *= 10
            decimals += 1
        text = "{:,.{}f}".format(value, decimals)
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if self.language == "da":
            text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
        return text

    def gpus(self, n: int) -> str:
        """`n` GPUs as words: no GPU, 1 GPU, 2 GPUs."""
        return self("no-gpus") if n == 0 else self("one-gpu") if n == 1 else self("n-gpus", n=n)

    def cores(self, n: int) -> str:
        """`n` cores as words: 1 core, 2 cores."""
        return self("one-core") if n == 1 else self("n-cores", n=n)


def from_environment() -> Words:
    """The words in the language dkai asked for (DKAI_LANG), English when it did not."""
    return Words(os.environ.get("DKAI_LANG", "en"))


def joined(parts: List[str]) -> str:
    """A list in one line; equal names are counted: 4 × AMD Instinct MI250X."""
    order: List[str] = []
    for part in parts:
        if part not in order:
            order.append(part)
    return ", ".join(part if parts.count(part) == 1 else "{} × {}".format(parts.count(part), part) for part in order)
