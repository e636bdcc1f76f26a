"""`dkai compute connect`: set a place up question by question, and try it step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dkai.cli.complete import site_names
from dkai.cli.compute_sites import (
    AccountOpt,
    BaseOpt,
    ConfigOpt,
    HostOpt,
    KeyOpt,
    LevelOpt,
    PartitionOpt,
    PortOpt,
    ProviderOpt,
    PythonOpt,
    QosOpt,
    SchedulerOpt,
    TransportOpt,
    UserOpt,
    site_fields,
)
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, say, show
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.connect import Connection, Step

TrustOpt = Annotated[
    str | None,
    typer.Option("--trust-host-key", metavar="SHA256:…", help=t("remember the host key if it has this fingerprint")),
]


def add_to(app: Commands) -> None:
    """Put the command into the group."""
    app.command(
        help=t(
            "Connect a place, question by question, and try every step that a job needs; with a site's name, try that "
            "one. Uses the network. Writes your sites file, and what you say yes to: a new SSH key in ~/.ssh, a host "
            "key in known_hosts. At the place it writes a small file, and removes it again."
        ),
        epilog=t("dkai compute connect lumi --provider lumi --user me --account project_465001234"),
    )(connect)


def connect(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=t("a site of yours, or a name for a new one"), autocompletion=site_names),
    ] = None,
    *, provider: ProviderOpt = None, host: HostOpt = None, user: UserOpt = None, port: PortOpt = None,
    identity: KeyOpt = None, ssh_config: ConfigOpt = None, scheduler: SchedulerOpt = None, account: AccountOpt = None,
    partition: PartitionOpt = None, qos: QosOpt = None, base: BaseOpt = None, python: PythonOpt = None,
    level: LevelOpt = None, transport: TransportOpt = None, trust_host_key: TrustOpt = None,
    output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Set one up where it is new or unfinished, then try it."""
    from dkai.cli import render_cluster

    fields = site_fields(
        provider=provider, host=host, user=user, port=port, identity=identity, ssh_config=ssh_config,
        scheduler=scheduler, account=account, partition=partition, qos=qos, base=base, python=python, level=level,
        transport=transport,
    )  # fmt: skip
    site, walked = _set_up(name, {key: value for key, value in fields.items() if value is not None})
    found = _try(site, trust_host_key)
    if walked:
        from dkai.cli.connect_walk import finish

        finish(found)
    show(found, "compute-connection", output, render_cluster.connection)


def _set_up(name: str | None, fields: dict[str, Any]) -> tuple[str, bool]:
    """The site to try, saved, and whether questions were asked for it. Raises UsageError, UserError."""
    from dkai.app import new_site
    from dkai.app.sites import add, change
    from dkai.cli.prompts import interactive
    from dkai.compute.sites_file import get_site, load_sites

    if name is None and fields.get("provider"):
        name = str(fields["provider"])
    sites = load_sites()
    known = name is not None and name in sites
    begun = new_site.drafts()
    if known and name is not None:
        if fields:
            change(name, fields)
        if not (interactive() and name in begun):
            return name, False
    elif name is not None and new_site.enough(fields):
        add(name, fields)
        return name, False
    elif not interactive():
        if name is not None and not fields:
            get_site(name)
        raise new_site.missing_options(name, fields)
    elif name is not None and name not in begun and not fields and not new_site.is_place(name):
        get_site(name)
    from dkai.cli.connect_walk import walk

    return walk(name, fields), True


def _try(site: str, fingerprint: str | None) -> Connection:
    """Try the site, telling each step as it is done."""
    from dkai.app.connect import try_site
    from dkai.cli import render_cluster
    from dkai.cli.asking import ask

    def tell(step: Step) -> None:
        for part in render_cluster.step(step):
            say(part)

    return try_site(site, tell, ask, _truster(fingerprint))


def _truster(named: str | None) -> Callable[[dict[str, Any]], bool]:
    """Who decides about an unknown host key: the fingerprint on the command line, or the person at the terminal."""

    def trust(details: dict[str, Any]) -> bool:
        from dkai.cli.prompts import confirm, interactive
        from dkai.core.errors import UserError

        shown, where = str(details.get("fingerprint")), details.get("host")
        if named is not None:
            if named != shown:
                raise UserError(
                    t("{host} shows another key than the one you named: {shown}", host=where, shown=shown),
                    code="host-key-mismatch",
                    hint=t("do not connect before you know why; ask the place for its fingerprints"),
                )
            return True
        if not interactive():
            return False
        say(t("{host} is not known yet. It shows a key of type {kind} with the fingerprint", host=where,
              kind=details.get("type")))  # fmt: skip
        say(f"  {shown}")
        say(_of_verdict(str(details.get("verdict")), details.get("type")))
        return confirm(t("Is it the same? Remember it?"), option="--trust-host-key") is True

    return trust


def _of_verdict(verdict: str, kind: object) -> str:
    """What the catalogue knows of the key."""
    return {
        "same": t("It is one of the fingerprints that the catalogue has from the place itself."),
        "other": t(
            "! It is none of the fingerprints that the catalogue has from the place: ask there before you go on."
        ),
        "other-type": t(
            "! The catalogue has fingerprints from the place, but none of a key of type {kind}: compare it with the "
            "ones the place publishes.",
            kind=kind,
        ),
        "not-comparable": t(
            "The catalogue has only an old MD5 fingerprint, which cannot be compared with this one. Ask the place."
        ),
    }.get(verdict) or t("Compare it with the one the place publishes, letter by letter.")
