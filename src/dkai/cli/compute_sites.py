"""`dkai compute sites` and `dkai compute connect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dkai.cli.complete import provider_ids, site_names
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, say, show
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.sites import Step

sites_app = Commands(help=t("The places where your jobs may run."), invoke_without_command=True)

NameArg = Annotated[str, typer.Argument(metavar="NAME", help=t("the site's name"), autocompletion=site_names)]
ProviderOpt = Annotated[
    str | None,
    typer.Option(
        "--provider", metavar="ID", help=t("the place in the catalogue, such as lumi"), autocompletion=provider_ids
    ),
]
HostOpt = Annotated[
    str | None,
    typer.Option("--host", metavar="HOST", help=t("login host or an alias in ~/.ssh/config; local: this computer")),
]
UserOpt = Annotated[str | None, typer.Option("--user", metavar="NAME", help=t("your name there"))]
PortOpt = Annotated[int | None, typer.Option("--port", metavar="N", min=1, max=65535, help=t("SSH port"))]
KeyOpt = Annotated[str | None, typer.Option("--identity", metavar="FILE", help=t("private key file"))]
ConfigOpt = Annotated[str | None, typer.Option("--ssh-config", metavar="FILE", help=t("instead of ~/.ssh/config"))]
SchedulerOpt = Annotated[
    str | None, typer.Option("--scheduler", metavar="slurm|process", help=t("what starts jobs there"))
]
AccountOpt = Annotated[str | None, typer.Option("--account", metavar="NAME", help=t("Slurm account, your allocation"))]
PartitionOpt = Annotated[str | None, typer.Option("--partition", metavar="NAME", help=t("Slurm partition"))]
QosOpt = Annotated[str | None, typer.Option("--qos", metavar="NAME", help=t("Slurm QOS"))]
BaseOpt = Annotated[
    str | None, typer.Option("--base", metavar="DIR", help=t("folder for jobs; default $SCRATCH or the home folder"))
]
PythonOpt = Annotated[str | None, typer.Option("--python", metavar="PATH", help=t("interpreter to use there"))]
LevelOpt = Annotated[
    str | None,
    typer.Option("--level", metavar="LEVEL", help=t("up to which data level your institution permits data there")),
]


def add_to(app: Commands) -> None:
    """Put the commands into the group."""
    app.add_typer(sites_app, name="sites")
    app.command(
        help=t("Try a site step by step: find, connect, host key, log in, scheduler, accounts. Uses the network.")
    )(connect)


@sites_app.callback()
def sites(ctx: typer.Context, output: TableFormatOpt = TableOutput.TEXT) -> None:
    """List the sites when no command is given."""
    if ctx.invoked_subcommand is None:
        from dkai.app.sites import all_sites
        from dkai.cli import render_sites

        show(all_sites(), "compute-sites", output, render_sites.table, table=render_sites.rows)


@sites_app.command(
    help=t("Add a site. Contacts nobody; try it afterwards with dkai compute connect."),
    epilog=t("dkai compute sites add lumi --provider lumi --user me --account project_465001234 --level internal"),
)
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help=t("a short name of your choice"))],
    *, provider: ProviderOpt = None, host: HostOpt = None, user: UserOpt = None, port: PortOpt = None,
    identity: KeyOpt = None, ssh_config: ConfigOpt = None, scheduler: SchedulerOpt = None, account: AccountOpt = None,
    partition: PartitionOpt = None, qos: QosOpt = None, base: BaseOpt = None, python: PythonOpt = None,
    level: LevelOpt = None,
    replace: Annotated[bool, typer.Option("--replace", help=t("replace a site of this name"))] = False,
    output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Add one."""
    from dkai.app.sites import add as put
    from dkai.cli import render_sites

    fields = _fields(
        provider=provider, host=host, user=user, port=port, identity=identity, ssh_config=ssh_config,
        scheduler=scheduler, account=account, partition=partition, qos=qos, base=base, python=python, level=level,
    )  # fmt: skip
    show(put(name, fields, replace_it=replace), "compute-site", output, render_sites.added)


@sites_app.command("set", help=t("Change a site."))
def change(
    name: NameArg,
    *, provider: ProviderOpt = None, host: HostOpt = None, user: UserOpt = None, port: PortOpt = None,
    identity: KeyOpt = None, ssh_config: ConfigOpt = None, scheduler: SchedulerOpt = None, account: AccountOpt = None,
    partition: PartitionOpt = None, qos: QosOpt = None, base: BaseOpt = None, python: PythonOpt = None,
    level: LevelOpt = None, output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Change one."""
    from dkai.app.sites import change as put
    from dkai.cli import render_sites

    fields = _fields(
        provider=provider, host=host, user=user, port=port, identity=identity, ssh_config=ssh_config,
        scheduler=scheduler, account=account, partition=partition, qos=qos, base=base, python=python, level=level,
    )  # fmt: skip
    show(put(name, fields), "compute-site", output, render_sites.one)


@sites_app.command(help=t("Remove a site. Its jobs stay in your list; nothing is deleted at the place."))
def remove(name: NameArg, output: FormatOpt = Output.TEXT) -> None:
    """Remove one."""
    from dkai.app.sites import remove as take
    from dkai.cli import render_sites

    show(take(name), "compute-site", output, render_sites.removed)


def _fields(*, host: str | None, level: str | None, scheduler: str | None, **others: Any) -> dict[str, Any]:
    """The typed words as a site's fields."""
    from dkai.core.errors import UsageError
    from dkai.core.levels import parse_level

    if scheduler not in (None, "slurm", "process"):
        raise UsageError(
            t("{name} is not right: {why}", name="--scheduler", why=t("it is none of the possible values")),
            code="bad-value",
            hint=t("one of: {names}", names="slurm, process"),
        )
    fields = {**others, "scheduler": scheduler, "level": None if level is None else parse_level(level)}
    if host == "local":
        return {**fields, "host": "local"}
    return fields if host is None else {**fields, "host": "ssh", "address": host}


def connect(
    site: NameArg,
    trust_host_key: Annotated[
        str | None,
        typer.Option(
            "--trust-host-key", metavar="SHA256:…", help=t("remember the host key if it has this fingerprint")
        ),
    ] = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Try one site."""
    from dkai.app.sites import try_site
    from dkai.cli import render_sites
    from dkai.cli.asking import ask
    from dkai.cli.prompts import confirm, interactive
    from dkai.core.errors import UserError

    def trust(details: dict[str, Any]) -> bool:
        shown = str(details.get("fingerprint"))
        if trust_host_key is not None:
            if trust_host_key != shown:
                raise UserError(
                    t(
                        "{host} shows another key than the one you named: {shown}",
                        host=details.get("host"),
                        shown=shown,
                    ),
                    code="host-key-mismatch",
                    hint=t("do not connect before you know why; ask the place for its fingerprints"),
                )
            return True
        if not interactive():
            return False
        say(
            t(
                "{host} is not known yet. It shows a key of type {kind} with the fingerprint",
                host=details.get("host"),
                kind=details.get("type"),
            )
        )
        say(f"  {shown}")
        if details.get("published"):
            say(t("It is one of the fingerprints that the catalogue has from the place itself."))
        elif details.get("published") is False:
            say(
                t("! It is none of the fingerprints that the catalogue has from the place: ask there before you go on.")
            )
        else:
            say(t("Compare it with the one the place publishes, letter by letter."))
        return confirm(t("Is it the same? Remember it?"), option="--trust-host-key") is True

    def tell(step: Step) -> None:
        for part in render_sites.step(step):
            say(part)

    show(try_site(site, tell, ask, trust), "compute-connection", output, render_sites.connection)
