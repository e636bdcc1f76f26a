"""The commands of the `lab` script."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import faults, lifecycle, packages, weights
from .backdate import backdate
from .gate import serve_gate
from .interpreter import interpreter
from .locks import hold
from .places import (
    BASE,
    LAB,
    LOG,
    PORTS,
    SLURM_CONF,
    START_ORDER,
    USERS,
    LabError,
    need_root,
    say,
)
from .processes import pid_of, stat_of
from .proxy import serve_proxy
from .session import Session
from .ssh import one_time_code

Command = Callable[[argparse.Namespace], int | None]


def _install(_args: argparse.Namespace) -> None:
    with hold("control"):
        packages.install()


def _up(_args: argparse.Namespace) -> None:
    with hold("control"):
        lifecycle.up()


def _reset(_args: argparse.Namespace) -> None:
    with hold("control"):
        lifecycle.reset()


def _down(args: argparse.Namespace) -> None:
    with hold("control"):
        lifecycle.down()
        if args.purge:
            lifecycle.purge()


def _fault(args: argparse.Namespace) -> None:
    with hold("control"):
        if args.kind == "clear":
            faults.clear()
        else:
            line = faults.inject(args.kind, args.ms, args.cut_after)
            if line:
                print(line)


def _weights(args: argparse.Namespace) -> None:
    with hold("control"):
        faults.bill_as(args.name)


def _backdate(args: argparse.Namespace) -> None:
    with hold("control"):
        backdate(args.hours)


def _status(_args: argparse.Namespace) -> int:
    down = 0
    for name in (*START_ORDER, "proxy"):
        pid = pid_of(name)
        info = stat_of(pid) if pid else None
        state = "down" if info is None else "stopped (hang)" if info.state == "T" else "up"
        if name == "proxy" and state == "down":
            continue
        down += state == "down"
        print(f"{name:14} {state:15} {pid or '-':>8}  {LOG / (name + '.log')}")
    print("faults         " + (", ".join(sorted(faults.read_faults())) or "none"))
    return 3 if down else 0


def _settings() -> dict[str, str]:
    return {
        "LAB_DIR": str(LAB),
        "LAB_PORT_BASE": str(BASE),
        "LAB_SSH_CONFIG": str(LAB / "ssh_config"),
        "LAB_KNOWN_HOSTS": str(LAB / "known_hosts"),
        "LAB_SLURM_CONF": str(SLURM_CONF),
        "LAB_ASKPASS": str(LAB / "bin" / "askpass"),
        **{f"LAB_{kind.upper()}_PORT": str(port) for kind, port in PORTS.items()},
    }


def _env(_args: argparse.Namespace) -> None:
    for key, value in _settings().items():
        print(f"export {key}={shlex.quote(value)}")


def _otp(args: argparse.Namespace) -> None:
    print(one_time_code(args.user))


def _run(args: argparse.Namespace) -> int:
    if not args.argv:
        raise LabError("run what? Name a program and its arguments")
    with Session() as session, session.turn(alone=args.alone):
        try:
            return subprocess.run(args.argv, check=False, env={**os.environ, **_settings()}).returncode
        except OSError as error:
            raise LabError(f"cannot run {args.argv[0]}: {error.strerror}") from error


def _python(args: argparse.Namespace) -> None:
    print(interpreter(args.requirements))


def _proxy(args: argparse.Namespace) -> None:
    serve_proxy(args.listen, args.target, args.latency_ms, args.cut_after)


def _gate(args: argparse.Namespace) -> None:
    serve_gate(args.conf)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab",
        description="A Slurm and OpenSSH lab on loopback.",
        epilog="Environment: LAB_DIR, LAB_PORT_BASE, LAB_HOME_MB.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str, anybody: bool = False) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(command=command, anybody=anybody)
        return made

    add("install", _install, "install the Debian packages that the lab needs")
    add("up", _up, "start everything, or what does not run")
    down = add("down", _down, "stop everything")
    down.add_argument("--purge", action="store_true", help="also remove LAB_DIR and the users")
    add("reset", _reset, "back to the first state")
    add("status", _status, "which daemons run; exit code 3 when one is down", anybody=True)
    add("env", _env, "print shell exports", anybody=True)
    run = add("run", _run, "run a command with the lab up and its LAB_ variables set; stop the lab afterwards")
    run.add_argument("--alone", action="store_true", help="wait until nobody else uses the lab")
    run.add_argument("argv", nargs=argparse.REMAINDER, metavar="PROGRAM [ARGUMENT...]")
    otp = add("otp", _otp, "print a one-time code for the login with a second factor")
    otp.add_argument("user", nargs="?", default="alice", choices=USERS)
    fault = add("fault", _fault, "break something, or mend everything with `clear`")
    fault.add_argument("kind", choices=(*faults.NAMES, "clear"))
    fault.add_argument("ms", nargs="?", type=float, help="milliseconds a round trip, for slow-net")
    fault.add_argument("--cut-after", type=int, default=0, metavar="BYTES")
    bill = add("weights", _weights, "bill in another way, until `fault clear`")
    bill.add_argument("name", choices=weights.SETTINGS)
    back = add("backdate", _backdate, "move finished jobs HOURS back, for sreport")
    back.add_argument("hours", type=float)
    python = add("python", _python, "print the path of an interpreter that has a recipe's packages")
    python.add_argument("requirements", type=Path)
    proxy = add("proxy", _proxy, "a slow TCP proxy in the foreground", anybody=True)
    proxy.add_argument("--listen", type=int, default=PORTS["slow"], metavar="PORT")
    proxy.add_argument("--target", default=f"127.0.0.1:{PORTS['ssh']}", metavar="HOST:PORT")
    proxy.add_argument("--latency-ms", type=float, default=0)
    proxy.add_argument("--cut-after", type=int, default=0, metavar="BYTES")
    gate = commands.add_parser("_gate")
    gate.add_argument("conf")
    gate.set_defaults(command=_gate, anybody=False)
    return parser


def main() -> int:
    """Run one command; the exit code."""
    args = _parser().parse_args()
    os.umask(0o022)  # the lab's users read what root writes here
    try:
        if not args.anybody:
            need_root()
        return args.command(args) or 0
    except LabError as error:
        say(f"error: {error}")
        return 1
