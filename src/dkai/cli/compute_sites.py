"""`dkai compute sites`: the places where jobs may run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dkai.cli.complete import provider_ids, site_names
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, show
from dkai.core.i18n import t

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
    str | None, typer.Option("--scheduler", metavar="slurm|lsf|process", help=t("what starts jobs there"))
]
AccountOpt = Annotated[str | None, typer.Option("--account", metavar="NAME", help=t("Slurm account, your allocation"))]
PartitionOpt = Annotated[str | None, typer.Option("--partition", metavar="NAME", help=t("Slurm partition"))]
QosOpt = Annotated[str | None, typer.Option("--qos", metavar="NAME", help=t("Slurm QOS"))]
BaseOpt = Annotated[
    str | None, typer.Option("--base", metavar="DIR", help=t("folder for jobs; default $SCRATCH or the home folder"))
]
PythonOpt = Annotated[str | None, typer.Option("--python", metavar="PATH", help=t("interpreter to use there"))]
EnvOpt = Annotated[
    str | None,
    typer.Option(
        "--env", metavar="auto|present|module|container|venv|wheels", help=t("how jobs there get their interpreter")
    ),
]
ModuleOpt = Annotated[
    list[str] | None,
    typer.Option("--module", metavar="NAME", help=t("a module that jobs there load; may be repeated")),
]
ImageOpt = Annotated[
    str | None, typer.Option("--image", metavar="PATH", help=t("a container image there that jobs run in"))
]
LevelOpt = Annotated[
    str | None,
    typer.Option("--level", metavar="LEVEL", help=t("up to which data level your institution permits data there")),
]
TransportOpt = Annotated[
    str | None,
    typer.Option(
        "--transport", metavar="auto|paramiko|openssh",
        help=t("what carries the connection; auto: paramiko, or OpenSSH where your SSH configuration needs it"),
    ),
]  # fmt: skip


def add_to(app: Commands) -> None:
    """Put the commands into the group."""
    app.add_typer(sites_app, name="sites")


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
    env: EnvOpt = None, module: ModuleOpt = None, image: ImageOpt = None,
    level: LevelOpt = None, transport: TransportOpt = None,
    replace: Annotated[bool, typer.Option("--replace", help=t("replace a site of this name"))] = False,
    output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Add one."""
    from dkai.app.sites import add as put
    from dkai.cli import render_sites

    fields = site_fields(
        provider=provider, host=host, user=user, port=port, identity=identity, ssh_config=ssh_config,
        scheduler=scheduler, account=account, partition=partition, qos=qos, base=base, python=python, level=level,
        transport=transport, environment=env, modules=module, image=image,
    )  # fmt: skip
    show(put(name, fields, replace_it=replace), "compute-site", output, render_sites.added)


@sites_app.command("set", help=t("Change a site. An empty value takes a setting away: --account ''"))
def change(
    name: NameArg,
    *, provider: ProviderOpt = None, host: HostOpt = None, user: UserOpt = None, port: PortOpt = None,
    identity: KeyOpt = None, ssh_config: ConfigOpt = None, scheduler: SchedulerOpt = None, account: AccountOpt = None,
    partition: PartitionOpt = None, qos: QosOpt = None, base: BaseOpt = None, python: PythonOpt = None,
    env: EnvOpt = None, module: ModuleOpt = None, image: ImageOpt = None,
    level: LevelOpt = None, transport: TransportOpt = None, output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Change one."""
    from dkai.app.sites import change as put
    from dkai.cli import render_sites

    fields = site_fields(
        provider=provider, host=host, user=user, port=port, identity=identity, ssh_config=ssh_config,
        scheduler=scheduler, account=account, partition=partition, qos=qos, base=base, python=python, level=level,
        transport=transport, environment=env, modules=module, image=image,
    )  # fmt: skip
    show(put(name, fields), "compute-site", output, render_sites.one)


@sites_app.command("show", help=t("All that is known of a site, and what it said when last asked. Uses no network."))
def show_one(name: NameArg, output: FormatOpt = Output.TEXT) -> None:
    """Show one."""
    from dkai.app.sites import card
    from dkai.cli import render_cluster

    show(card(name), "compute-site-show", output, render_cluster.card)


@sites_app.command(help=t("Remove a site. Its jobs stay in your list; nothing is deleted at the place."))
def remove(name: NameArg, output: FormatOpt = Output.TEXT) -> None:
    """Remove one."""
    from dkai.app.sites import remove as take
    from dkai.cli import render_sites

    show(take(name), "compute-site", output, render_sites.removed)


def site_fields(
    *,
    host: str | None,
    level: str | None,
    scheduler: str | None,
    transport: str | None,
    modules: list[str] | None = None,
    **others: Any,
) -> dict[str, Any]:
    """The typed words as a site's fields. Raises UsageError, UserError."""
    from typing import get_args

    from dkai.cli.usage import one_of
    from dkai.compute.site import SchedulerKind
    from dkai.core.levels import parse_level

    if scheduler is not None:
        one_of("--scheduler", scheduler, get_args(SchedulerKind))
    if transport is not None:
        one_of("--transport", transport, ("auto", "paramiko", "openssh"))
    level_there = None if level is None else parse_level(level)
    fields = {**others, "scheduler": scheduler, "transport": transport, "level": level_there}
    if modules:  # `--module ''` takes them away
        fields["modules"] = tuple(filter(None, modules))
    if host == "local":
        return {**fields, "host": "local"}
    return fields if host is None else {**fields, "host": "ssh", "address": host}
