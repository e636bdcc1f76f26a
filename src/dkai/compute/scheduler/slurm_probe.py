"""Discovery of a Slurm cluster in one round trip: the questions, and what the answers amount to.

Written for Slurm 20.11 to 25.x: tables are read by their headers and records by their keys, so fields that came later
or went away do no harm (`MaxCPUsPerSocket` came with 22.05, `Def QOS` is the header of DefaultQOS everywhere). JSON
output is not used: its shape changes with every release.
"""

from __future__ import annotations

from collections.abc import Iterator

from dkai.compute.cluster import BillingRule, Cluster, NodeKind, Partition
from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command
from dkai.compute.scheduler.slurm_accounts import associations, qualities
from dkai.compute.scheduler.slurm_parse import fields, gres, mebibytes, names, number, seconds, settings, weights, whole
from dkai.compute.scheduler.slurm_shell import Frame, frames, shell
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

# A controller or database that does not answer lets each of its clients wait; so the first failure speaks for all.
_ASK = r"""
skip() {
  printf 'dkai-frame/1 %s\n!dkai-skipped\ndkai-close/1 75\n' "$1"
}
printf 'dkai-frame/1 me\n|%s\n|%s\ndkai-close/1 0\n' "$me" "$HOME"
here() { command -v squeue; }
ask slurm here || exit 0
controller() {
  if [ -n "$down" ]; then skip "$1"; else ask "$@"; fi
}
down=
ask config $limit scontrol show config || { $limit scontrol ping 2>/dev/null | grep -q 'is UP' || down=1; }
controller partitions $limit scontrol show partition -o
controller nodes $limit sinfo -h -e -o '%R|%a|%l|%D|%t|%c|%m|%G'
controller queue $limit squeue -h -r -u "$me" -o '%T'
# What is used of each budget, by the user and by each account above: limits for a group (Grp…) are not handed down to
# its members. Everybody else's use is left where it is.
use() {
  found=$($limit scontrol show assoc_mgr flags=assoc users="$me" -o) || return
  found=$(printf '%s\n' "$found" | grep -F " UserName=$me(") || return 0
  printf '%s\n' "$found"
  accounts=$(printf '%s\n' "$found" | sed -n 's/.* Account=\([^ ]*\) .*/\1/p' | sort -u | paste -sd, -)
  for level in 1 2 3 4 5 6 7 8; do
    [ -n "$accounts" ] || break
    found=$($limit scontrol show assoc_mgr flags=assoc accounts="$accounts" -o | grep -F ' UserName= ')
    printf '%s\n' "$found"
    accounts=$(printf '%s\n' "$found" | sed -n 's/.* ParentAccount=\([^( ]*\)(.*/\1/p' | sort -u | paste -sd, -)
  done
}
use_of_qos() {
  found=$($limit scontrol show assoc_mgr flags=qos -o) || return
  printf '%s\n' "$found" | grep '^QOS=' | cut -c 1-8000
}
if [ -n "$down" ]; then
  used=
  skip use
else
  used=$(use 2>&1)
  tell use "$?" "$used"
fi
controller qos-use use_of_qos
table=Cluster,Account,User,Partition,ParentName,DefaultQOS,QOS,GrpTRES,GrpTRESMins,GrpJobs,GrpSubmit
table=$table,MaxTRES,MaxTRESMins,MaxWall,MaxJobs,MaxSubmit
limits=Name,Priority,Flags,GrpTRES,GrpTRESMins,GrpJobs,GrpSubmit
limits=$limits,MaxTRES,MaxTRESPU,MaxTRESMins,MaxWall,MaxJobsPU,MaxSubmitPU
above() {
  accounts=$(printf '%s\n' "$mine" | awk -F'|' 'NR > 1 { print $2 }' | sort -u | paste -sd, -)
  for level in 1 2 3 4 5 6 7 8; do
    [ -n "$accounts" ] || break
    found=$($limit sacctmgr -P show assoc where account="$accounts" format="$table" | awk -F'|' 'NR == 1 || $3 == ""')
    printf '%s\n' "$found"
    accounts=$(printf '%s\n' "$found" | awk -F'|' 'NR > 1 && $5 != "" { print $5 }' | sort -u | paste -sd, -)
  done
}
if mine=$($limit sacctmgr -P show assoc where user="$me" format="$table" 2>&1); then
  tell mine 0 "$mine"
  ask qos $limit sacctmgr -P show qos format="$limits"
  # The controller has told all this of the accounts, too, where it tells of accounts.
  case $used in
    *' UserName= '*) ;;
    *)
      ask above above
      ask user $limit sacctmgr -nP show user where name="$me" format=DefaultAccount
      ;;
  esac
else
  tell mine 1 "$mine"
  skip qos
fi
# Only a login shell has the site's settings; what it prints besides is dropped. csh has no such option beside -c.
at_login() {
  case $SHELL in
    *csh) $limit "$SHELL" -c 'echo "dkai-scratch=$SCRATCH"' ;;
    *) $limit "${SHELL:-/bin/sh}" -l -c 'echo "dkai-scratch=$SCRATCH"' ;;
  esac | grep '^dkai-scratch='
}
ask scratch at_login
look='import platform, sys; assert sys.version_info >= (3, 6); print(sys.executable); print(platform.python_version())'
python() {
  for p in "$1" python3 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 python3.7 python3.6 \
    /usr/bin/python3 /usr/libexec/platform-python; do
    if [ -n "$p" ] && $limit "$p" -I -c "$look" 2>/dev/null; then return 0; fi
  done
  return 127
}
ask python python "$1"
"""


def command(python: str | None = None) -> Command:
    """Ask everything. `python` is the interpreter that the person named, tried first."""
    # Each probe is bounded by 25 s, and one whose side is known to be down is left out.
    return shell(_ASK, python or "", timeout=240)


def parse(result: CommandResult, asked_at: float) -> Cluster:
    """What the cluster said. Raises RemoteError when it is no Slurm cluster, or nothing came back."""
    found = frames(result.stdout)
    me = found.get("me")
    if me is None or len(me.lines) < 2:
        raise RemoteError(
            t("the cluster did not answer as expected: {why}", why=one_line(result.stderr) or t("no reason was given")),
            code="no-answer",
            hint=t("log in by hand and run sinfo; if that works, look for programs that your login starts"),
        )
    if not _frame(found, "slurm").ok:
        raise RemoteError(
            t("Slurm's commands are not found there"),
            code="no-slurm",
            hint=t("if Slurm comes as a module, load it in ~/.bashrc; or give the site the scheduler `process`"),
        )
    config = settings(_frame(found, "config").lines)
    default, known = _frame(found, "user"), _frame(found, "python").lines
    scratch = next((line.partition("=")[2] for line in _frame(found, "scratch").lines), "")
    queue = _frame(found, "queue")
    return Cluster(
        name=config.get("ClusterName", ""),
        scheduler="slurm",
        version=config.get("SLURM_VERSION"),
        user=me.lines[0],
        home=me.lines[1] or None,
        scratch=scratch if scratch.startswith("/") else None,
        partitions=_partitions(found, config),
        qos=qualities(_frame(found, "qos"), _frame(found, "qos-use")),
        associations=associations(
            me.lines[0],
            config.get("ClusterName"),
            mine=_frame(found, "mine"),
            above=_frame(found, "above"),
            use=_frame(found, "use"),
            default=default.lines[0] if default.ok and default.lines else None,
        ),
        billing_rule=_billing_rule(config),
        my_jobs=len(queue.lines) if queue.ok else None,
        enforced=tuple(filter(None, config.get("AccountingStorageEnforce", "").lower().split(","))),
        tracked_tres=tuple(filter(None, config.get("AccountingStorageTRES", "").lower().split(","))),
        max_array=whole(config.get("MaxArraySize", "")),
        python=known[0] if len(known) == 2 else None,
        python_version=known[1] if len(known) == 2 else None,
        missing=dict(_missing(found)),
        asked_at=asked_at,
    )


def _billing_rule(config: dict[str, str]) -> BillingRule:
    flags = config.get("PriorityFlags", "").split(",")
    return "max" if "MAX_TRES" in flags else "sum"


def _frame(found: dict[str, Frame], name: str) -> Frame:
    return found.get(name, Frame(name, (), (), None))


def _missing(found: dict[str, Frame]) -> Iterator[tuple[str, str]]:
    """Each probe that did not answer, and why."""
    if "MAX_TRES_GRES" in settings(_frame(found, "config").lines).get("PriorityFlags", "").split(","):
        yield (
            "billing",
            t("it bills the larger of cores and memory, and GPUs besides; the sum that dkai takes is no less"),
        )
    asked = ("config", "partitions", "nodes", "queue", "mine", "above", "user", "qos", "use", "qos-use", "python")
    for name in asked:
        frame = _frame(found, name)
        if frame.ok or (name in ("above", "user") and name not in found):
            continue
        if frame.code is None:
            yield name, t("the answer broke off")
        elif frame.errors == ("dkai-skipped",):
            side = "mine" if name == "qos" else "config"
            yield name, one_line(" ".join(_frame(found, side).errors)) or t("no reason was given")
        elif frame.code in (124, 137):
            yield name, t("no answer within 25 seconds")
        elif name == "python":
            yield name, t("no Python 3.6 or newer was found there")
        else:
            yield name, one_line(" ".join(frame.errors)) or t("no reason was given")


def _partitions(found: dict[str, Frame], config: dict[str, str]) -> tuple[Partition, ...]:
    kinds: dict[str, list[NodeKind]] = {}
    times: dict[str, tuple[bool, float | None]] = {}
    for line in _frame(found, "nodes").lines:
        cells = line.split("|", 7)
        if len(cells) == 8:
            name, up, longest, count, state, cpus, memory, resources = cells
            times[name] = (up == "up", seconds(longest))
            kinds.setdefault(name, []).append(
                NodeKind(
                    whole(count) or 0, whole(cpus) or 0, int(mebibytes(memory.rstrip("+")) or 0), gres(resources), state
                )
            )
    records = [fields(line) for line in _frame(found, "partitions").lines if line.startswith("PartitionName=")]
    if records:
        return tuple(_partition(one, tuple(kinds.get(one["PartitionName"], ())), config) for one in records)
    # scontrol was denied: sinfo knows less, and what it does not know stays unknown.
    return tuple(
        Partition(name=name, up=up, max_time_s=longest, nodes=tuple(kinds[name]))
        for name, (up, longest) in times.items()
    )


def _partition(one: dict[str, str], kinds: tuple[NodeKind, ...], config: dict[str, str]) -> Partition:
    def memory(key: str) -> float | None:
        """The partition's own default, or the cluster's; UNLIMITED is Slurm's word for not set."""
        for place in (one, config):
            value = number(place.get(key, ""))
            if value is not None and value != float("inf"):
                return value
        return None

    per_cpu, per_node = memory("DefMemPerCPU"), memory("DefMemPerNode")
    if number(one.get("DefMemPerNode", "")) not in (None, float("inf")):
        per_cpu = None  # a partition has one of the two, and its own comes before the cluster's other
    elif per_cpu is not None:
        per_node = None
    return Partition(
        name=one["PartitionName"],
        is_default=one.get("Default") == "YES",
        up=one.get("State", "UP") == "UP",
        max_time_s=seconds(one.get("MaxTime", "")),
        default_time_s=seconds(one.get("DefaultTime", "")),
        nodes=kinds,
        billing_weights=weights(one.get("TRESBillingWeights", "")),
        max_cpus_per_node=number(one.get("MaxCPUsPerNode", "")),
        max_nodes=number(one.get("MaxNodes", "")),
        def_mem_per_cpu_mb=per_cpu,
        def_mem_per_node_mb=per_node,
        allow_accounts=names(one.get("AllowAccounts", "")),
        deny_accounts=names(one.get("DenyAccounts", "")) or (),
        allow_qos=names(one.get("AllowQos", "")),
        qos=None if one.get("QoS", "N/A") in ("N/A", "(null)", "") else one["QoS"],
        exclusive=one.get("OverSubscribe", "").upper() == "EXCLUSIVE",
    )
