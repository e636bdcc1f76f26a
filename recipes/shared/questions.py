"""What the person asks: in a parameter, separated by semicolons, or in a text file of the input, one a line."""

import task
from words import CannotGoOn, Texts, Words

TEXTS: Texts = {
    "ask-none": (
        "Der er ingen spørgsmål. Skriv dem i parameteren {param} med semikolon imellem, eller i filen {file}, ét på "
        "hver "
        "linje.",
        "There are no questions. Write them in the parameter {param} with semicolons between, or in the file {file}, "
        "one "
        "on each line.",
    ),
    "ask-many": (
        "Der er {n} spørgsmål; opskriften tager højst {most} ad gangen.",
        "There are {n} questions; the recipe takes at most {most} at a time.",
    ),
}
MOST = 200


def asked(given: str | None, param: str, file: str, words: Words, *, required: bool = True) -> list[str]:
    """The questions, each once, in the order they were asked. Raises CannotGoOn without any where they are required."""
    lines = (given or "").split(";")
    path = task.INPUT / file
    if not any(line.strip() for line in lines) and path.is_file():
        lines = task.read_text(path)[0].splitlines()
    found = list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")))
    if required and not found:
        raise CannotGoOn(words("ask-none", param=param, file=file))
    if len(found) > MOST:
        raise CannotGoOn(words("ask-many", n=len(found), most=MOST))
    return found
