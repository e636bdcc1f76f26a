"""The report as one HTML page that needs nothing else: pictures inline, no script, nothing from the network."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import picture
from drawing import Sheet, style
from models import GUESS, LINEAR, NAMES
from picture import NARROW, WIDE, model_name
from question import Question
from signals import Importance
from table import Table
from texts import TableWords as Words
from validation import Outcome
from verdict import chosen, conclude


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from: file, recipe, versions, and how the folds were drawn."""

    file: str
    made: str
    version: str
    python: str
    sklearn: str
    numpy: str
    seed: int


def _both(draw: Callable[[int], Sheet]) -> str:
    """One figure twice: drawn for a wide page and for a phone, of which the page shows the one that fits."""
    return f'<div class="wide">{draw(WIDE).svg()}</div><div class="narrow">{draw(NARROW).svg()}</div>'


def _figure(title: str, body: str, caption: str) -> str:
    return f"<h2>{escape(title)}</h2><figure>{body}<figcaption>{escape(caption)}</figcaption></figure>"


def breakable(text: str) -> str:
    """A heading whose one long word may be broken on a narrow page."""
    return escape(text).replace("sikkerhed", "&shy;sikkerhed")


def _score_table(question: Question, outcome: Outcome, best: str, words: Words) -> str:
    heads = "".join(f'<th class="n">{breakable(words(metric))}</th>' for metric in outcome.metrics)
    rows = []
    for model in NAMES:
        cells = []
        for metric in outcome.metrics:
            low, high = outcome.interval(model, metric)
            inside = "" if model == GUESS else f"<small>({words.span(metric, low, high)})</small>"
            cells.append(f'<td class="n">{words.metric(metric, outcome.mean(model, metric))}{inside}</td>')
        mark = ' class="best"' if model == best else ""
        rows.append(f"<tr{mark}><td>{escape(model_name(model, question.task, words))}</td>{''.join(cells)}</tr>")
    meanings = "".join(
        f"<li><b>{escape(words(metric))}</b>: {escape(words('what-' + metric))}.</li>" for metric in outcome.metrics
    )
    uneven = question.task == "classification" and outcome.mean(GUESS, "accuracy") > 0.6
    note = words("interval-note") + (" " + words("weights-note") if uneven else "")
    return (
        f'<h2>{words("h-scores")}</h2><div class="scroll"><table>'
        f"<thead><tr><th>{words('col-model')}</th>{heads}</tr></thead>"
        f'<tbody>{"".join(rows)}</tbody></table></div><p class="soft">{escape(note)}</p>'
        f'<ul class="soft">{meanings}</ul>'
    )


def file_facts(table: Table, question: Question, file: str, words: Words) -> list[str]:
    """What was decided while reading, one sentence each."""
    key = f"delimiter-{table.delimiter}" if table.delimiter in ";,\t|" else "delimiter-other"
    facts = [
        words(
            "file-read",
            file=file,
            rows=words.whole(len(table.lines)),
            columns=len(table.names),
            encoding=table.encoding,
            delimiter=words(key),
            mark=words("mark-comma" if question.mark == "," else "mark-point"),
        )
    ]
    if table.missing:
        codes = [
            f"{words.quote(code) if code else words('code-empty')} ({words.few(n)})"
            for code, n in table.missing.items()
        ]
        facts.append(words("file-missing", codes=", ".join(codes)))
        if not any(code.lstrip("+-").isdigit() for code in table.missing):
            facts[-1] += " " + words("file-codes")
    else:
        facts.append(words("file-no-missing"))
    if question.no_target:
        facts.append(words("file-target-missing", n=words.few(question.no_target), target=words.quote(question.target)))
    if question.no_group:
        facts.append(words("file-group-missing", n=words.few(question.no_group), group=words.quote(question.group)))
    if question.rare:
        facts.append(words("file-rare", n=words.few(question.rare), classes=question.rare_classes))
    if table.left_out:
        facts.append(words("file-lines", lines=words.listed(table.left_out)))
    if table.named:
        facts.append(words("file-named", names=words.quoted(table.named)))
    return facts


def _column_table(question: Question, words: Words) -> str:
    looks = {"col-column": "", "col-kind": "", "col-missing": "n", "col-distinct": "n d", "col-used": ""}
    heads = "".join(f'<th class="{look}">{words(key)}</th>' for key, look in looks.items())
    rows = []
    for column in question.columns:
        used = words(column.why_out, **column.facts) if column.why_out else words("used")
        missing = words.few(column.missing) if column.missing else "–"
        rows.append(
            f"<tr{'' if not column.why_out else ' class=out'}><td class=name>{escape(column.name)}</td>"
            f"<td>{words('kind-' + column.kind)}</td><td class=n>{missing}</td>"
            f'<td class="n d">{words.whole(column.distinct)}</td><td>{escape(used)}</td></tr>'
        )
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _method(question: Question, outcome: Outcome, seed: int, words: Words) -> list[str]:
    said = [
        words("method-task", task=words(question.task), why=question.why_task),
        words("method-cv", folds=outcome.folds, repeats=outcome.repeats, seed=seed),
    ]
    if question.task == "classification":
        said[-1] += " " + words("method-stratified")
    if question.groups is not None:
        said.append(words("method-groups", group=words.quote(question.group), n=len(set(question.groups.tolist()))))
    linear = model_name(LINEAR, question.task, words)
    return [
        *said,
        words("method-inside"),
        words(f"method-guess-{question.task}"),
        words("method-models", linear=linear[0].upper() + linear[1:]),
        words("method-numbers"),
        words("method-better"),
    ]


def _list(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _tiles(question: Question, outcome: Outcome, best: str, words: Words) -> str:
    metric = outcome.main
    tiles = [
        (
            best,
            words.metric(metric, outcome.mean(best, metric)),
            f"{words(metric)}, {model_name(best, question.task, words)}",
        ),
        ("", words.metric(metric, outcome.mean(GUESS, metric)), words("tile-guess")),
        ("", words.whole(question.rows), words("tile-rows")),
        ("", f"{len(question.features)}", words("tile-columns")),
    ]
    parts = (
        f'<div class="tile {kind}"><b>{escape(value)}</b><span>{escape(text)}</span></div>'
        for kind, value, text in tiles
    )
    return f'<div class="tiles">{"".join(parts)}</div>'


def page(
    table: Table,
    question: Question,
    outcome: Outcome,
    warned: list[str],
    given: dict[str, float],
    leaned: list[Importance],
    origin: Provenance,
    words: Words,
) -> str:
    """The whole report."""
    code, answer, sentence, remark = conclude(question, outcome, given, words)
    best, metric = chosen(outcome), outcome.main
    name = model_name(best, question.task, words)
    title = words("title", target=words.quote(question.target))
    body = [
        f'<p class="kicker">{words("kicker")}</p><h1>{escape(title)}</h1><p class="answer">{escape(answer)}</p>'
        f'<p class="lead">{escape(sentence)}</p>',
        f'<p class="lead">{escape(remark)}</p>' if remark else "",
        _tiles(question, outcome, best, words),
        _figure(
            words("figure-scores"),
            _both(lambda width: picture.scores(question, outcome, words, width)),
            words(
                "caption-scores",
                n=outcome.folds * outcome.repeats,
                metric=words(metric)[0].upper() + words(metric)[1:],
                what=words("what-" + metric),
            ),
        ),
        f"<h2>{words('h-warnings')}</h2>",
        "".join(f'<p class="note">{escape(text)}</p>' for text in warned) or f"<p>{escape(words('no-warnings'))}</p>",
    ]
    if question.task == "classification":
        draw, key = picture.confusion, "confusion"
        caption = words("caption-confusion", model=name)
    else:
        draw, key = picture.calibration, "calibration"
        caption = words("caption-calibration", model=name, n=len(picture.calibration_groups(question, outcome, best)))
    body.append(
        _figure(words(f"figure-{key}"), _both(lambda width: draw(question, outcome, best, words, width)), caption)
    )
    if leaned:
        unit = f"{words(metric)}, {words('points')}" if metric != "mae" else words(metric)
        body.append(
            _figure(
                words("figure-importance"),
                _both(lambda width: picture.importance(leaned, metric, best, words, width)),
                words("caption-importance", model=name, metric=unit),
            )
        )
    following = ["next-1", "next-2"] if code != "no" else ["next-no-1", "next-no-2"]
    body += [
        _score_table(question, outcome, best, words),
        f"<h2>{words('h-file')}</h2>",
        _list(file_facts(table, question, origin.file, words)),
        _column_table(question, words),
        f"<h2>{words('h-method')}</h2>",
        _list(_method(question, outcome, origin.seed, words)),
        f"<h2>{words('h-next')}</h2>",
        _list([words(key, target=words.quote(question.target)) for key in (*following, "next-3")]),
        "<footer>"
        + escape(
            words(
                "made",
                when=origin.made,
                version=origin.version,
                python=origin.python,
                sklearn=origin.sklearn,
                numpy=origin.numpy,
                sha=table.sha256,
            )
        )
        + f" {words('self-contained')}</footer>",
    ]
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style('light', 'dark', 'figure', 'page')}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )
