"""The plain answer: better than guessing or not, by how much, and which model to take."""

from models import BOOSTING, GUESS, LINEAR
from picture import model_name
from question import Question
from texts import TableWords as Words
from validation import Outcome


def chosen(outcome: Outcome) -> str:
    """The model the report is about: the recommended one, unless only the other beats the guess."""
    winners = [m for m in (LINEAR, BOOSTING) if outcome.beats_guessing(m)]
    model = outcome.recommended()
    return winners[0] if len(winners) == 1 and model not in winners else model


def conclude(question: Question, outcome: Outcome, given: dict[str, float], words: Words) -> tuple[str, str, str, str]:
    """The answer as (code yes|little|no|suspicious, headline, sentence, remark).

    `given` are the columns that give the answer away: with one, the score says nothing, and the headline says so.
    """
    metric = outcome.main
    model = outcome.recommended()
    winners = [m for m in (LINEAR, BOOSTING) if outcome.beats_guessing(m)]
    if winners and model not in winners:
        model = winners[0]
    name = model_name(model, question.task, words)
    guess = outcome.mean(GUESS, metric)
    kind = "classes" if question.task == "classification" else "numbers"
    if not winners:
        pick = min if metric == "mae" else max
        best = pick(outcome.mean(m, metric) for m in (LINEAR, BOOSTING))
        values = {"score": words.metric(metric, best), "guess": words.metric(metric, guess)}
        sentence = words(f"verdict-no-{kind}", target=words.quote(question.target), **values)
        return "no", words("no"), started(sentence), ""
    score = outcome.mean(model, metric)
    less = 1 - score / guess if metric == "mae" and guess else 0.0
    small = less < 0.1 if metric == "mae" else score - guess < 0.05
    sentence = words(
        f"verdict-{kind}",
        model=name,
        score=words.metric(metric, score),
        guess=words.metric(metric, guess),
        less=words.share(less),
    )
    sentence = started(sentence)
    if given:
        return (
            "suspicious",
            words("suspicious"),
            sentence,
            words("choice-suspicious", columns=words.quoted(list(given))),
        )
    remark = words("choice-only", model=name) if len(winners) == 1 else words(f"choice-{model}")
    return ("little" if small else "yes"), words("little" if small else "yes"), sentence, remark


def started(sentence: str) -> str:
    """A sentence with its first letter large: it may begin with a model's name."""
    return sentence[0].upper() + sentence[1:]
