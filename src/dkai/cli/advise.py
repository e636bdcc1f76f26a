"""`dkai advise`: a few questions, then tools, a place to compute, the rules that apply, and what to do today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, say, show
from dkai.core.errors import DkaiError, UserError
from dkai.core.i18n import nt, t

if TYPE_CHECKING:
    from dkai.advise.join import Desk
    from dkai.advise.model import Answer, Knowledge
    from dkai.advise.screening import Screening

app = Commands(
    help=t(
        "Answer a few questions, and get tools, a place to compute, the rules that apply and what to do today, each "
        "with its reasons. Uses no network. Your answers stay on this computer."
    ),
    invoke_without_command=True,
)

AnswersOpt = Annotated[
    Path | None, typer.Option("--answers", help=t("a file of answers: a saved screening, or question: answer lines"))
]
SetOpt = Annotated[
    list[str] | None,
    typer.Option("--set", metavar=t("QUESTION=ANSWER"), help=t("one answer; may be given several times")),
]
SaveOpt = Annotated[Path | None, typer.Option("--save", help=t("keep the result in this file, for you alone"))]
FileOpt = Annotated[Path | None, typer.Option("--screening", help=t("a saved screening; otherwise the last one"))]


@app.callback()
def advise(  # noqa: PLR0917 - typer gives the context by position
    ctx: typer.Context,
    answers: AnswersOpt = None,
    set_: SetOpt = None,
    save: SaveOpt = None,
    no_questions: Annotated[
        bool, typer.Option("--no-questions", help=t("ask nothing: what is not answered counts as not known"))
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help=t("go on with the answers of a stopped dialogue"))] = False,
    new: Annotated[bool, typer.Option("--new", help=t("begin anew, without them"))] = False,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Run the dialogue when no command is given."""
    if ctx.invoked_subcommand is not None:
        return
    from dkai.app.screening import make_screening, open_desk

    today = datetime.now(UTC).date()
    if save is not None:
        _check_target(save)
    desk = open_desk()
    given = _start(desk.knowledge, answers, set_ or [], resume=resume, new=new)
    if not no_questions:
        given = _ask_rest(desk, given, today)
    screening = make_screening(given, today=today, desk=desk)
    _keep(screening, save)
    from dkai.cli.render_advise import result

    show(screening, "advise", output, lambda made: result(made, save))


def _start(knowledge: Knowledge, file: Path | None, pairs: list[str], *, resume: bool, new: bool) -> dict[str, Answer]:
    """The answers to begin with: from a stopped dialogue, a file, and options; the later ones win."""
    from dkai.advise.answer_file import check_answers, find_question, parse_answer, read_answers
    from dkai.advise.kept import forget_answers, kept_answers
    from dkai.cli.prompts import confirm, interactive

    given: dict[str, Answer] = {}
    kept = None if new else kept_answers(knowledge)
    if new:
        forget_answers()
    if resume and kept is None:
        raise UserError(
            t("no dialogue was stopped: there is nothing to go on with"),
            code="nothing-kept",
            hint=t("begin with: dkai advise"),
        )
    if kept is not None and kept.answers and not resume and file is None and not pairs and interactive():
        count = nt("{n} answer of {day} is kept.", "{n} answers of {day} are kept.", len(kept.answers), day=kept.on)
        resume = confirm(t("{count} Go on with them?", count=count), option="--resume / --new") is True
    if resume and kept is not None:
        given |= kept.answers
        if kept.lost:
            say(t("! the questions have changed; asked again: {names}", names=", ".join(kept.lost)))
    if file is not None:
        given |= read_answers(file, knowledge)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UserError(
                t("--set {pair}: a question and its answer are expected", pair=pair),
                code="bad-set",
                hint=t("write for example --set task=speech; dkai advise questions lists them"),
            )
        question = find_question(name.strip(), knowledge)
        given[question.id] = parse_answer(question, value.strip())
    check_answers(given, knowledge)
    return given


def _ask_rest(desk: Desk, given: dict[str, Answer], today: date) -> dict[str, Answer]:
    """The answers after the dialogue. Without somebody to ask, UserError names the option that was missing."""
    from dkai.advise.kept import forget_answers, keep_answers
    from dkai.advise.questions import next_question
    from dkai.advise.stakes import all_stakes
    from dkai.cli.prompts import interactive

    question = next_question(given, desk.knowledge, all_stakes(given, desk.knowledge, desk.tools, desk.places, today))
    if question is None:
        return given
    if not interactive():
        ids = ", ".join([option.id for option in question.options] + ["unknown"])
        raise UserError(
            t("there is no terminal to ask on: {question}", question=question.text),
            code="needs-answer",
            hint=t("answer with --set {id}=… ({ids}), or take what is known with --no-questions",
                   id=question.id, ids=ids if question.options else t("a short text")),
            details={"question": question.id},
        )  # fmt: skip
    from dkai.cli.dialogue import converse

    talk = converse(desk, given, today, lambda answers: _warned(lambda: keep_answers(answers, today)))
    if talk.stopped:
        keep_answers(talk.answers, today)
        say(t("Stopped. Your answers are kept: go on with dkai advise --resume"))
        raise typer.Exit(0)
    forget_answers()
    say()
    return talk.answers


def _warned(keep: Callable[[], None]) -> None:
    """Keep something for later; that it could not be kept does not end what the person is doing."""
    try:
        keep()
    except DkaiError as error:
        say(f"! {error.message}")


def _check_target(path: Path) -> None:
    """Raise UserError rather than write over something that is no screening."""
    from dkai.core.files import read_text

    if path.is_dir() or (path.exists() and "schema: dkai/screening/" not in read_text(path)[:300]):
        raise UserError(
            t("{path} is there already, and is no screening", path=path),
            code="file-exists",
            hint=t("choose another name for --save"),
        )


def _keep(screening: Screening, save: Path | None) -> None:
    from dkai.advise.kept import keep_screening
    from dkai.advise.screening_file import write_screening

    _warned(lambda: keep_screening(screening))
    if save is not None:
        write_screening(screening, save)


@app.command("show", help=t("Show a saved screening, or the last one."))
def show_file(
    file: Annotated[Path | None, typer.Argument(help=t("a saved screening; otherwise the last one"))] = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Read and show; nothing is worked out again."""
    from dkai.advise.knowledge import shipped_knowledge
    from dkai.cli.render_advise import result

    show(_screening(file, shipped_knowledge()), "advise", output, lambda made: result(made, file))


@app.command(help=t("Why a tool, place, rule or question is in the result or not, and what would change that."))
def explain(
    item: Annotated[str, typer.Argument(help=t("the id of a tool, place, rule, question or contact"))],
    file: FileOpt = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show every comparison with its answer."""
    from difflib import get_close_matches

    from dkai.advise.explain import items
    from dkai.advise.kept import last_screening
    from dkai.advise.knowledge import shipped_knowledge
    from dkai.app.screening import explain_item
    from dkai.cli.render_explain import explanation

    knowledge = shipped_knowledge()
    screening = _screening(file, knowledge) if file is not None else last_screening(knowledge)
    found = explain_item(item.strip().lower(), screening)
    if found is None:
        near = get_close_matches(item, items(screening, knowledge), n=3, cutoff=0.5)
        raise UserError(
            t("nothing in your last result is called “{name}”", name=item),
            code="no-such-item",
            hint=t("did you mean {names}?", names=" / ".join(near)) if near else t("dkai advise rules lists the rules"),
        )
    show(found, "advise-explain", output, explanation)


@app.command(help=t("Every rule that advice knows: how grave, since when, last checked, and where it is written."))
def rules(output: TableFormatOpt = TableOutput.TEXT) -> None:
    """List the rules."""
    from dkai.advise.knowledge import shipped_knowledge
    from dkai.advise.lists import list_rules
    from dkai.cli.render_explain import rule_rows, rules_table

    show(list_rules(shipped_knowledge()), "advise-rules", output, rules_table, table=rule_rows)


@app.command(help=t("Every question that may be asked, with its answers, for --set and for files of answers."))
def questions(output: TableFormatOpt = TableOutput.TEXT) -> None:
    """List the questions."""
    from dkai.advise.knowledge import shipped_knowledge
    from dkai.advise.lists import list_questions
    from dkai.cli.render_explain import question_rows, questions_table

    show(list_questions(shipped_knowledge()), "advise-questions", output, questions_table,
         table=question_rows)  # fmt: skip


def _screening(file: Path | None, knowledge: Knowledge) -> Screening:
    from dkai.advise.kept import last_screening
    from dkai.advise.screening_file import read_screening

    found = read_screening(file, knowledge) if file is not None else last_screening(knowledge)
    if found is None:
        raise UserError(
            t("there is no screening yet"), code="no-screening", hint=t("make one with: dkai advise"),
        )  # fmt: skip
    return found
