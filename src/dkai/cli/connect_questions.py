"""The questions of `dkai compute connect`, one function each: what is shown before one is asked, and what it sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dkai.app import new_site
from dkai.app.new_site import Draft
from dkai.app.places import PlaceCard, all_places, find_places, get_place, place_of
from dkai.cli.connect_asking import AGAIN, BACK, EXPLAIN, QUIT, Answer, letters, line, numbered, paragraph, title, typed
from dkai.cli.menu import choose
from dkai.cli.output import say
from dkai.compute.site import title as scheduler_title
from dkai.core.errors import UserError
from dkai.core.i18n import nt, t
from dkai.core.levels import Level

if TYPE_CHECKING:
    from dkai.app.connect import Connection

_PAGE = 10


# --- which place


def which_draft(names: Sequence[str]) -> str:
    """The site to go on with, or none: a new one. Raises Interrupted."""
    title(t("You began to connect a place. Go on with it?"))
    options = [*(name or t("the place without a name yet") for name in names), t("another place")]
    chosen = choose(options, letters={}, option="NAME")
    return names[chosen] if isinstance(chosen, int) and chosen < len(names) else new_site.UNNAMED


def fields_of_place(provider: str) -> dict[str, Any]:
    """A site's fields from the catalogue: the host only where there is just one. Raises UserError."""
    card = get_place(provider)
    if card.why_not is not None:
        raise UserError(
            t("dkai cannot submit to {name}: {why}", name=card.name, why=card.why_not),
            code="no-such-scheduler",
            hint=t("see how one gets in: dkai catalogue show {name}", name=card.id),
        )
    if card.id == "ucloud":
        from dkai.app.sites import of_provider

        return of_provider(card.id, {})
    host = {"address": card.hosts[0]} if len(card.hosts) == 1 else {}
    return {"provider": card.id, "host": "ssh", "scheduler": card.scheduler, **host}


def place(draft: Draft) -> Answer:  # noqa: ARG001 - every question is given the draft
    """Choose a place from the catalogue, by typed words or from the list, or describe one's own."""
    title(t("Where would you like to compute?"))
    paragraph(t("Type a few words (lumi, aau gpu, genome), or press Enter for every place that dkai can submit to."),
              "muted")  # fmt: skip
    explain = t("dkai submits to clusters with Slurm or LSF that are reached with SSH, and to machines behind SSH. "
                "What you choose only fills in what the catalogue knows; nothing is contacted before all "
                "is asked.")  # fmt: skip
    words = line(t("words"), "--provider", explain)
    if words in (BACK, QUIT):
        return words
    cards = find_places(words) if words else all_places()
    if words and not cards:
        paragraph(t("Nothing in the catalogue fits “{words}”.", words=words), "warn")
    return _pick(cards)


def _pick(cards: Sequence[PlaceCard]) -> Answer:
    first = 0
    while True:
        shown = list(cards[first : first + _PAGE])
        options = [_one_row(card) for card in shown]
        more = len(cards) - first - len(shown)
        tail: list[str] = [] if more <= 0 else ["more"]
        tail += ["machine", "cluster", "words"]
        words = {
            "more": nt("{n} more place", "{n} more places", more),
            "machine": t("a machine of my group, without Slurm"),
            "cluster": t("a cluster with Slurm that is not in the list"),
            "words": t("search with other words"),
        }
        say()
        chosen = choose([*options, *(words[one] for one in tail)], letters=letters(explain=False), option="--provider")
        if isinstance(chosen, str):
            return AGAIN if chosen == BACK else chosen
        if chosen < len(shown):
            if (reason := shown[chosen].why_not) is None:
                return fields_of_place(shown[chosen].id)
            _another_way(shown[chosen], reason)
            return AGAIN
        what = tail[chosen - len(shown)]
        if what == "more":
            first += _PAGE
        elif what == "words":
            return AGAIN
        else:
            return {"host": "ssh", "scheduler": "process" if what == "machine" else "slurm"}


def _one_row(card: PlaceCard) -> str:
    """A place on one line of the menu: its name, and who may use it."""
    import shutil

    room = max(30, shutil.get_terminal_size((80, 24)).columns - 8)
    row = f"{card.name} · {card.for_whom}"
    if card.why_not is not None:
        row = t("{place} · another way in", place=row)
    elif card.caveat:
        row = t("{place} · {scheduler}, unverified", place=row, scheduler=scheduler_title(card.scheduler))
    return row if len(row) <= room else row[: room - 1] + "…"


def _another_way(card: PlaceCard, reason: str) -> None:
    """How one gets into a place that dkai does not submit to."""
    title(t("dkai cannot submit to {name}: {why}", name=card.name, why=reason))
    _how_to_get_in(card)
    paragraph(t("More: dkai catalogue show {id}", id=card.id), "muted")


def _how_to_get_in(card: PlaceCard) -> None:
    paragraph(t("For whom: {who}", who=card.who))
    numbered(card.steps)
    for text in (
        card.waiting and t("How long it takes: {time}", time=card.waiting),
        card.outsiders and t("From elsewhere: {how}", how=card.outsiders),
        card.apply_url and t("Apply here: {url}", url=card.apply_url),
        card.web and t("On the web: {url}", url=card.web),
    ):
        if text:
            paragraph(text)


# --- the log-in


def login_host(draft: Draft) -> Answer:
    """The login host: the catalogue's, or typed."""
    card = place_of(draft.fields.get("provider"))
    hosts = card.hosts if card else ()
    explain = t("The computer that one logs in to with ssh: its full name, or the alias it has in your ~/.ssh/config.")
    if hosts:
        title(t("Which login host?"))
        chosen = choose([*hosts, t("another one")], letters=letters(explain=False), option="--host")
        if isinstance(chosen, str):
            return chosen
        if chosen < len(hosts):
            return {"address": hosts[chosen]}
    else:
        title(t("What is the login host called?"))
        if card:
            paragraph(t("The catalogue does not know it; the e-mail about your account, or {url}, does.",
                        url=card.docs or t("the place's own pages")), "muted")  # fmt: skip
    return typed(t("host"), "address", "--host", explain, needed=True)


def user(draft: Draft) -> Answer:
    """How one gets an account there, and the user name."""
    card = place_of(draft.fields.get("provider"))
    if card:
        title(t("{name}: how to get in", name=card.name))
        if card.caveat:
            paragraph(card.caveat, "warn")
        _how_to_get_in(card)
        paragraph(t("A log-in is not an allocation: your jobs also need a project or account to be charged to."))
        if card.log_in:
            paragraph(t("Logging in: {note}", note=card.log_in))
    title(t("What is your user name there?"))
    explain = t("The name you log in with, as the place gave it to you. If you have none yet: stop here, get one as "
                "described above, and come back; what you have chosen is kept.")  # fmt: skip
    return typed(t("user name"), "user", "--user", explain, needed=True)


# --- choices for jobs


def account(draft: Draft) -> Answer:  # noqa: ARG001 - every question is given the draft
    """The account that jobs are charged to."""
    title(t("Which account or project shall jobs be charged to?"))
    paragraph(t("Press Enter when you do not know: dkai asks the cluster which you have."), "muted")
    explain = t("Slurm's account (--account) is the project with the hours: project_465001234 on LUMI.")
    return typed(t("account"), "account", "--account", explain, needed=False)


def base(draft: Draft) -> Answer:
    """The folder for jobs."""
    if draft.fields.get("host") == "ucloud":
        return _drive()
    title(t("Which folder there shall hold the jobs?"))
    paragraph(t("Press Enter for $SCRATCH where the place has one, else your home folder."), "muted")
    explain = t("dkai makes a folder `dkai` in it, readable for you alone, and in that one folder a job.")
    return typed(t("folder"), "base", "--base", explain, needed=False)


def _drive() -> Answer:
    """The drive at UCloud: nothing else of it outlives a job."""
    title(t("Which drive at UCloud shall hold the jobs?"))
    paragraph(
        t("Open it in the browser (Files): the number in the address is the drive's. Press Enter to leave it open."),
        "muted",
    )
    explain = t(
        "With the number, such as /12345, the file that UCloud imports names your folder by itself; without it you "
        "choose the folder on the page."
    )
    return typed(t("folder"), "base", "--base", explain, needed=False)


def level(draft: Draft) -> Answer:
    """The data level that the person's institution permits there: shown what is written, never decided for them."""
    card = place_of(draft.fields.get("provider"))
    title(t("Up to which level may your data be there?"))
    for one in card.levels if card else ():
        named = one.level.label if one.level else t("no level named")
        paragraph(t("{institution} ({level}): {says}", institution=one.institution, level=named, says=one.text))
    if card and card.data_note:
        paragraph(card.data_note)
    if not card or not card.levels:
        paragraph(t("The catalogue has found no word of any institution on which data may be there."))
    paragraph(t("Your own institution decides, not dkai: ask it, or your DPO, where you are in doubt."))
    names = [one.label for one in Level]
    while True:
        chosen = choose([*names, t("I do not know yet")], letters=letters(), option="--level", start=len(names))
        if chosen != EXPLAIN:
            break
        paragraph(t("Before anything is sent, dkai compares this with the level of the data, and refuses what is not "
                    "permitted. Until you have said it, nothing above internal may go there."))  # fmt: skip
    if isinstance(chosen, str):
        return chosen
    return {"level": list(Level)[chosen]} if chosen < len(names) else {}


def which_account(found: Connection) -> str | None:
    """One of several accounts, or None: the cluster's default."""
    from dkai.cli.render_cluster import account_words

    title(t("You have several accounts there. Which one shall jobs be charged to?"))
    accounts = found.cluster.accounts or ()
    options = [*(account_words(one) for one in accounts), t("say it with each job, or take the cluster's default")]
    start = next((i for i, one in enumerate(accounts) if one.is_default), len(accounts))
    chosen = choose(options, letters={}, option="--account", start=start)
    return accounts[chosen].name if isinstance(chosen, int) and chosen < len(accounts) else None
