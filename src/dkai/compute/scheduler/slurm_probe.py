"""Discovery of a Slurm cluster in one round trip: the questions, and what the answers amount to.

Written for Slurm 20.11 to 26.05: tables are read by their headers and records by their keys, so fields that came later
or went away do no harm (`MaxCPUsPerSocket` came with 23.02, `Def QOS` is the header of DefaultQOS everywhere). JSON
output is not used: its shape changes with every release.

Four lanes are asked side by side: the controller, the database twice, and the login node itself. Within a lane one
question follows the other, and one that the controller leaves without an answer ends its lane.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dkai.compute.cluster import BillingRule, Cluster
from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command, slurm_here
from dkai.compute.scheduler.queue_words import no_answer
from dkai.compute.scheduler.slurm_accounts import associations, qualities
from dkai.compute.scheduler.slurm_parse import moment, settings, whole
from dkai.compute.scheduler.slurm_partitions import SINFO, partitions
from dkai.compute.scheduler.slurm_reservations import reservations
from dkai.compute.scheduler.slurm_shell import SIDE_BY_SIDE, Frame, frames, shell
from dkai.core.clean import no_controls, one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

_ASK = (
    r"""
printf 'dkai-frame/1 me\n|%s\n|%s\ndkai-close/1 0\n' "$me" "$HOME"
printf 'dkai-frame/1 clock\n|%s\ndkai-close/1 0\n' "$(date +%s)"
found_slurm() { command -v squeue; }
ask slurm found_slurm || exit 0
asked=$1
"""
    + SIDE_BY_SIDE
    + slurm_here.ASK
    + rf"""
skip() {{
  printf 'dkai-frame/1 %s\n!dkai-skipped\ndkai-close/1 75\n' "$1"
}}
# A controller that does not answer lets each of its clients wait; so the first failure speaks for all.
down=
controller() {{
  if [ -n "$down" ]; then
    skip "$1"
    return
  fi
  ask "$@" || case $? in
    124 | 137) down=1 ;;
    *) $limit scontrol ping 2>/dev/null | grep -q 'is UP' || down=1 ;;
  esac
}}
# What is used of each budget, by the user and by each account above: limits for a group (Grp...) are not handed down to
# its members. Everybody else's use is left where it is.
use() {{
  found=$($limit scontrol show assoc_mgr flags=assoc users="$me" -o) || return
  found=$(printf '%s\n' "$found" | grep -F " UserName=$me(") || return 0
  printf '%s\n' "$found"
  accounts=$(printf '%s\n' "$found" | sed -n 's/.* Account=\([^ ]*\) .*/\1/p' | sort -u | paste -sd, -)
  for level in 1 2 3 4 5 6 7 8; do
    [ -n "$accounts" ] || break
    found=$($limit scontrol show assoc_mgr flags=assoc accounts="$accounts" -o) || return
    found=$(printf '%s\n' "$found" | grep -F ' UserName= ')
    printf '%s\n' "$found"
    accounts=$(printf '%s\n' "$found" | sed -n 's/.* ParentAccount=\([^( ]*\)(.*/\1/p' | sort -u | paste -sd, -)
  done
}}
use_of_qos() {{
  found=$($limit scontrol show assoc_mgr flags=qos -o) || return
  printf '%s\n' "$found" | grep '^QOS=' | cut -c 1-8000
}}
by_controller() {{
  controller config $limit scontrol show config
  controller partitions $limit scontrol show partition -o
  controller nodes $limit sinfo -h -e -o '{SINFO}'
  controller queue $limit squeue -h -r -u "$me" -o '%T'
  controller reservations $limit scontrol show reservation -o
  controller use use
  controller qos-use use_of_qos
}}
table=Cluster,Account,User,Partition,ParentName,DefaultQOS,QOS,GrpTRES,GrpTRESMins,GrpTRESRunMins,GrpJobs,GrpSubmit
table=$table,MaxTRES,MaxTRESMins,MaxWall,MaxJobs,MaxSubmit
limits=Name,Priority,Flags,UsageFactor,GrpTRES,GrpTRESMins,GrpTRESRunMins,GrpJobs,GrpSubmit
limits=$limits,MaxTRES,MaxTRESPA,MaxTRESPU,MaxTRESMins,MaxWall,MaxJobsPU,MaxSubmitPU
mine() {{ ask mine $limit sacctmgr -P show assoc where user="$me" format="$table"; }}
qualities() {{ ask qos $limit sacctmgr -P show qos format="$limits"; }}
together by_controller mine qualities here
for lane in by_controller mine qualities here; do said "$lane"; done
# The controller has told all this of the accounts, too, where it tells of accounts.
if said by_controller | grep -q ' UserName= '; then exit 0; fi
accounts=$(said mine | awk -F'|' '/^\|/ && $3 != "Account" && $4 != "" {{ print $3 }}' | sort -u | paste -sd, -)
shares() {{
  # sshare needs the controller alone, so it may know the accounts where the database is away.
  [ -n "$accounts" ] || accounts=$($limit sshare -n -P -U -u "$me" -o Account | sed 's/^ *//' | sort -u | paste -sd, -)
  [ -n "$accounts" ] || return 1
  $limit sshare -P -A "$accounts" -u "$me" -o Account,User,Partition,GrpTRESMins,GrpTRESRaw,TRESRunMins
}}
share() {{ ask share shares; }}
levels_above() {{
  for level in 1 2 3 4 5 6 7 8; do
    [ -n "$accounts" ] || break
    found=$($limit sacctmgr -P show assoc where account="$accounts" format="$table") || return
    found=$(printf '%s\n' "$found" | awk -F'|' 'NR == 1 || $3 == ""')
    printf '%s\n' "$found"
    accounts=$(printf '%s\n' "$found" | awk -F'|' 'NR > 1 && $5 != "" {{ print $5 }}' | sort -u | paste -sd, -)
  done
}}
above() {{ ask above levels_above; }}
default() {{ ask user $limit sacctmgr -nP show user where name="$me" format=DefaultAccount; }}
if [ -n "$accounts" ]; then set -- share above default; else set -- share; fi
together "$@"
for lane in "$@"; do said "$lane"; done
"""
)


def command(python: str | None = None) -> Command:
    """Ask everything. `python` is the interpreter that the person named, tried first."""
    # Each of the two rounds ends after 55 s.
    return shell(_ASK, python or "", timeout=150)


def parse(result: CommandResult, asked_at: float) -> Cluster:
    """What the cluster said. Raises RemoteError when it is no Slurm cluster, or nothing came back."""
    found = {name: _clean(frame) for name, frame in frames(result.stdout).items()}
    me = found.get("me")
    if me is None or len(me.lines) < 2:
        raise no_answer(result, "sinfo")
    if not _frame(found, "slurm").ok:
        raise RemoteError(
            t("Slurm's commands are not found there"),
            code="no-slurm",
            hint=t("if Slurm comes as a module, load it in ~/.bashrc; or give the site the scheduler `process`"),
        )
    config = settings(_frame(found, "config").lines)
    default, known = _frame(found, "user"), slurm_here.python_there(_frame(found, "python"))
    login = slurm_here.login_settings(_frame(found, "login"))
    home, scratch = me.lines[1] or None, login.get("SCRATCH", "")
    scratch_path = scratch if scratch.startswith("/") else None
    queue = _frame(found, "queue")
    clock = next((moment(line) for line in _frame(found, "clock").lines), None)
    accounting = _accounting(config)
    return Cluster(
        name=config.get("ClusterName", ""),
        scheduler="slurm",
        version=config.get("SLURM_VERSION"),
        user=me.lines[0],
        home=home,
        scratch=scratch_path,
        partitions=partitions(_frame(found, "partitions"), _frame(found, "nodes"), config),
        qos=qualities(_frame(found, "qos"), _frame(found, "qos-use")),
        associations=()
        if accounting is False
        else associations(
            me.lines[0],
            config.get("ClusterName"),
            mine=_frame(found, "mine"),
            above=_frame(found, "above"),
            use=_frame(found, "use"),
            share=_frame(found, "share"),
            default=default.lines[0] if default.ok and default.lines else None,
        ),
        billing_rule=_billing_rule(config),
        # Sites wrap squeue and let it talk: only a state is a job.
        my_jobs=sum(line.isupper() and " " not in line for line in queue.lines) if queue.ok else None,
        accounting=accounting,
        enforced=_words(config, "AccountingStorageEnforce"),
        tracked_tres=_words(config, "AccountingStorageTRES"),
        max_array=whole(config.get("MaxArraySize", "")),
        whole_cores=_whole_cores(config),
        enforce_part_limits=_enforced(config),
        reservations=reservations(_frame(found, "reservations"), config),
        containers=slurm_here.containers(_frame(found, "containers")),
        modules=slurm_here.modules(login),
        storage=slurm_here.storage(found, {"home": home, "scratch": scratch_path}),
        allocations=slurm_here.allocations(found),
        clock_offset_s=None if clock is None else clock - asked_at,
        python=known.path,
        python_version=known.version,
        machine=known.machine,
        glibc=known.glibc,
        missing=dict(_missing(found, accounting)),
        asked_at=asked_at,
    )


# No answer of Slurm's has a line this long; to cut one would make another value of its last.
_LONGEST = 200_000


def _clean(frame: Frame) -> Frame:
    """Without control characters, and without lines that cannot be Slurm's."""
    lines = tuple(no_controls(line) for line in frame.lines if len(line) <= _LONGEST)
    errors = tuple(no_controls(line[:1000]) for line in frame.errors)
    if len(lines) < len(frame.lines):
        return Frame(frame.name, (), (t("a line is too long to be read"), *errors), 1)
    return replace(frame, lines=lines, errors=errors)


def _words(config: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(filter(None, config.get(key, "").lower().split(",")))


def _billing_rule(config: Mapping[str, str]) -> BillingRule:
    """By PriorityFlags; MAX_TRES_GRES came with 25.05, and where both are set it is the one (Slurm, read_config.c)."""
    flags = config.get("PriorityFlags", "").upper().split(",")
    if "MAX_TRES_GRES" in flags:
        return "max-gres"
    return "max" if "MAX_TRES" in flags else "sum"


def _accounting(config: Mapping[str, str]) -> bool | None:
    """Whether a database keeps accounts; None where the controller did not say."""
    if not config:
        return None
    return config.get("AccountingStorageType", "").lower() not in ("", "accounting_storage/none")


def _whole_cores(config: Mapping[str, str]) -> bool:
    """With CR_Core… and CR_Socket… no two jobs share a core (slurm.conf(5), SelectTypeParameters)."""
    return config.get("SelectTypeParameters", "").upper().startswith(("CR_CORE", "CR_SOCKET"))


def _enforced(config: Mapping[str, str]) -> bool | None:
    word = config.get("EnforcePartLimits", "").upper()
    return word in ("ALL", "ANY", "YES") if word else None


def _frame(found: dict[str, Frame], name: str) -> Frame:
    return found.get(name, Frame(name, (), (), None))


# Asked only where something else did not answer, or where there is such a thing.
_AT_NEED = ("above", "user", "share")


def _missing(found: dict[str, Frame], accounting: bool | None) -> Iterator[tuple[str, str]]:
    """Each probe that did not answer, and why."""
    asked = (
        "config", "partitions", "nodes", "queue", "reservations", "mine", "above", "user", "share", "qos", "use",
        "qos-use", "login", "python",
    )  # fmt: skip
    for name in asked:
        frame = _frame(found, name)
        if name == "reservations" and frame.ok and reservations(frame, settings(_frame(found, "config").lines)) is None:
            yield name, t("it shows only those that you may use")
        if frame.ok or (name in _AT_NEED and name not in found):
            continue
        if accounting is False and name in ("mine", "above", "user", "share", "qos", "use", "qos-use"):
            continue
        if frame.code is None:
            yield name, t("the answer broke off")
        elif frame.errors == ("dkai-skipped",):
            yield name, one_line(" ".join(_first_failure(found).errors)) or t("no reason was given")
        elif frame.code in (124, 137):
            yield name, t("no answer within 25 seconds")
        elif name == "python":
            yield name, t("no Python 3.6 or newer was found there")
        elif name == "login":
            yield name, t("a login shell did not start, or did not end")
        else:
            yield name, one_line(" ".join(frame.errors)) or t("no reason was given")


def _first_failure(found: dict[str, Frame]) -> Frame:
    """What the controller said when it was last asked."""
    lane = ("config", "partitions", "nodes", "queue", "reservations", "use", "qos-use")
    return next((_frame(found, name) for name in lane if not _frame(found, name).ok), _frame(found, "config"))
