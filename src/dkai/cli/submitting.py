"""What the commands that submit have in common: the way there, the request, and the questions before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dkai.cli.output import Output, is_quiet, say, show
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.submit_walk import Prepared, Request
    from dkai.compute.link import Links


def links_for(site: str | None) -> Links:
    """Connections for one command; the one to `site` begins to open while the rest of dkai is loaded."""
    from dkai.cli.asking import links

    ways = links()
    if site is not None:
        ways.expect(site)
    return ways


def request_of(**words: Any) -> Request:
    """The request in the words that were typed. Raises UserError or UsageError."""
    from dkai.app.requests import Words, make_request

    return make_request(Words(**words))


def go_through_with(
    request: Request, ways: Links, output: Output, *, yes: bool, dry_run: bool, verify: bool, follow: bool
) -> None:
    """Prepare, show, ask, carry out; with `dry_run` no more than show. Raises what these raise."""
    from dkai.app import submit_walk as walk
    from dkai.cli import render_plan
    from dkai.cli.compute_jobs import after_submit
    from dkai.cli.progress import Progress

    if verify:
        walk.must_be_verifiable(request)
    request = replace(with_level(request), ask_start=dry_run or not yes)
    with Progress() as progress:
        prepared = walk.prepare(request, progress.tell, ways)
    if dry_run:
        show(replace(prepared.plan, verify=verify), "compute-plan", output, render_plan.whole)
    if prepared.refusal is not None:
        raise prepared.refusal
    if dry_run:
        return
    if not is_quiet():
        for part in render_plan.summary(prepared.plan):
            say(part)
    if not yes and not confirmed(prepared):
        say(t("Nothing was sent."))
        return
    with Progress() as progress:
        job = walk.carry_out(prepared.plan, progress.tell, ways, verify=verify)
    after_submit(job.job_id, output, ways, follow=follow)


def with_level(request: Request) -> Request:
    """Ask how confidential the person's own files are, when they are to leave this computer and nobody said it."""
    from dkai.app.submit_walk import leaves_this_computer
    from dkai.cli.menu import choose
    from dkai.cli.prompts import interactive
    from dkai.core.levels import Level

    if request.level is not None or request.accept_level or not leaves_this_computer(request) or not interactive():
        return request
    say(t("How confidential are the data? It decides where they may be."))
    says = (
        t("public: anybody may see them"),
        t("internal: for colleagues, no harm if seen"),
        t("confidential: personal data such as names, answers, voices; contracts"),
        t("sensitive: health, ethnicity, politics, religion, union, genes; trade secrets"),
    )
    chosen = choose(says, letters={}, option="--level")
    return replace(request, level=list(Level)[int(chosen)])


def confirmed(prepared: Prepared) -> bool:
    """Ask; on the way the script and an explanation can be seen."""
    from dkai.cli import render_plan
    from dkai.cli.prompts import confirm

    while True:
        extra = {"s": t("show the script"), "e": t("explain")}
        answer = confirm(t("Nothing has been sent. Submit?"), option="--yes", extra=extra)
        if isinstance(answer, bool):
            return answer
        for part in render_plan.script(prepared.plan) if answer == "s" else render_plan.explain(prepared.plan):
            say(part)
