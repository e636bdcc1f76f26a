"""The walk of `dkai compute connect`: one question at a time until a new site can be tried.

Every answer is kept the moment it is given; leaving at any question loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from dkai.app import new_site
from dkai.app.new_site import Draft
from dkai.cli import connect_key
from dkai.cli import connect_questions as ask
from dkai.cli.connect_asking import BACK, QUIT, Answer
from dkai.cli.output import say
from dkai.core.errors import Interrupted
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.connect import Connection


@dataclass(frozen=True, slots=True)
class Question:
    """One question: which of the site's fields it answers, when it is asked, and how."""

    id: str
    fields: tuple[str, ...]
    put: Callable[[Draft], Answer]
    when: Callable[[Draft], bool] = lambda _: True


def _over_ssh(draft: Draft) -> bool:
    return draft.fields.get("host") not in ("local", "ucloud")


def _slurm(draft: Draft) -> bool:
    return draft.fields.get("scheduler") == "slurm"


QUESTIONS = (
    Question("place", ("provider", "scheduler", "host", "address"), ask.place),
    Question("host", ("address",), ask.login_host, _over_ssh),
    Question("user", ("user",), ask.user, _over_ssh),
    Question("key", ("identity",), connect_key.key, _over_ssh),
    Question("register", (), connect_key.register, lambda d: _over_ssh(d) and bool(d.fields.get("identity"))),
    Question("account", ("account",), ask.account, _slurm),
    Question("base", ("base",), ask.base),
    Question("level", ("level",), ask.level),
)


def walk(name: str | None, given: dict[str, Any]) -> str:
    """Ask what is not known yet; returns the name of the saved site. Raises Interrupted; exits 0 on “stop and keep”."""
    draft = _begin(name, given)
    while (question := _next(draft)) is not None:
        try:
            answer = question.put(draft)
        except (KeyboardInterrupt, EOFError, Interrupted):
            raise _left(draft) from None
        if answer == QUIT:
            _keep(draft)
            say(_later(draft))
            raise typer.Exit(0)
        if answer == BACK:
            draft = _back(draft, named=name is not None)
        elif not isinstance(answer, str):
            draft = _named(draft.having(question.id, answer))
            _keep(draft)
    _keep(draft)
    say()
    return draft.name


def _begin(name: str | None, given: dict[str, Any]) -> Draft:
    """The draft to go on with: the one named, the only one begun, or a new one."""
    begun = new_site.drafts()
    if name is None:
        name = ask.which_draft(list(begun)) if begun and not given else new_site.UNNAMED
    draft = new_site.taken_up(name, given)
    if name in begun and draft.answered:
        say(t("Going on where you stopped."))
    elif name and not given and new_site.is_place(name):
        draft = draft.having("place", ask.fields_of_place(name))
    elif given.get("provider"):
        draft = draft.having("place", {**ask.fields_of_place(given["provider"]), **given})
    return draft


def _next(draft: Draft) -> Question | None:
    """The first question that is neither answered nor given."""
    for question in QUESTIONS:
        if question.id in draft.answered or not question.when(draft):
            continue
        if question.id == "place" and draft.fields.get("address"):
            continue
        if question.id not in ("place", "register") and any(draft.fields.get(f) is not None for f in question.fields):
            continue
        return question
    return None


def _back(draft: Draft, *, named: bool) -> Draft:
    """Before the last answer, also over sittings. Another place gets another name, unless the person gave this one."""
    last = next((q for q in QUESTIONS if draft.answered and q.id == draft.answered[-1]), None)
    if last is None:
        say(t("  this is the first question"))
        return draft
    before = draft.without(last.id, last.fields)
    if last.id == "place" and draft.name and not named:
        new_site.drop(draft.name)
        before = before.named(new_site.UNNAMED)
    _keep(before)
    return before


def _named(draft: Draft) -> Draft:
    """A site gets its name with its host: the place's, or the host's own first word."""
    if draft.name or not draft.fields.get("address"):
        return draft
    wanted = draft.fields.get("provider") or str(draft.fields["address"]).rpartition("@")[2].partition(".")[0]
    new_site.forget(new_site.UNNAMED)
    return draft.named(new_site.free_name(wanted))


def _keep(draft: Draft) -> None:
    if draft.answered or draft.fields:
        new_site.keep(draft)


def _later(draft: Draft) -> str:
    return t("Stopped. Your answers are kept: go on with {command}", command=_command(draft))


def _command(draft: Draft) -> str:
    return f"dkai compute connect {draft.name}".rstrip()


def _left(draft: Draft) -> Interrupted:
    if not draft.answered:
        return Interrupted(
            t("stopped at the first question"), code="interrupted", hint=t("begin again with: dkai compute connect")
        )
    return Interrupted(
        t("stopped; your answers are kept"),
        code="interrupted",
        hint=t("go on where you were with: {command}", command=_command(draft)),
    )


def finish(found: Connection) -> None:
    """After a test that passed: choose an account where several wait, and forget that there were questions."""
    from dkai.app.sites import change, view
    from dkai.compute.sites_file import get_site

    site = view(get_site(found.id))
    names = [one.name for one in found.cluster.accounts or ()]
    if site.account is None and len(names) > 1:
        chosen = ask.which_account(found)
        if chosen is not None:
            change(found.id, {"account": chosen})
    new_site.forget(found.id)
