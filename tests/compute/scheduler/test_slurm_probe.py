"""What a cluster says of itself, recorded and in the shapes of other sites."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.compute.cluster import UNLIMITED, Allocation, Cluster, Gres, NodeKind, Storage, hour_budget
from dkai.compute.host import CommandResult
from dkai.compute.scheduler.slurm import Slurm
from dkai.core.errors import RemoteError

SLURM = Path(__file__).resolve().parents[2] / "fixtures/slurm"
RECORDED = (SLURM / "22.05/dkai/discovery.out").read_text(encoding="utf-8")
BUSY = (SLURM / "22.05/dkai/discovery-busy.out").read_text(encoding="utf-8")


def read(text: str, code: int = 0, stderr: str = "") -> Cluster:
    return Slurm().parse_discovery(CommandResult(code, text, stderr), 7.0)


def frame(name: str, *lines: str, code: int = 0, errors: tuple[str, ...] = ()) -> str:
    body = "".join(f"|{line}\n" for line in lines) + "".join(f"!{line}\n" for line in errors)
    return f"dkai-frame/1 {name}\n{body}dkai-close/1 {code}\n"


def with_frame(name: str, *lines: str, code: int = 0, errors: tuple[str, ...] = ()) -> str:
    """The recorded answer with one frame exchanged."""
    before, _, rest = RECORDED.partition(f"dkai-frame/1 {name}\n")
    _, _, after = rest.partition("dkai-close/1")
    return before + frame(name, *lines, code=code, errors=errors) + after.partition("\n")[2]


def test_the_recorded_cluster() -> None:
    cluster = read(RECORDED)
    assert (cluster.name, cluster.scheduler, cluster.version) == ("labcluster", "slurm", "22.05.8")
    assert (cluster.user, cluster.home, cluster.scratch) == ("alice", "/home/alice", None)
    assert (cluster.python, cluster.python_version) == ("/usr/bin/python3", "3.11.2")
    assert (cluster.my_jobs, cluster.max_array, cluster.billing_rule) == (0, 2001, "sum")
    assert cluster.enforced == ("associations", "limits", "qos")
    assert "gres/gpu:h100" in cluster.tracked_tres
    assert cluster.missing == {}
    assert cluster.asked_at == 7.0


def test_the_recorded_partitions() -> None:
    cpu, gpu, test = read(RECORDED).partitions
    assert [(p.name, p.is_default, p.up, p.max_time_s, p.default_time_s) for p in (cpu, gpu, test)] == [
        ("cpu", True, True, 86_400, 3600), ("gpu", False, True, 172_800, 3600), ("gpu-test", False, True, 1800, 600),
    ]  # fmt: skip
    assert cpu.billing_weights == {}
    assert gpu.billing_weights == {"cpu": 1.0, "mem": 0.25, "gres/gpu": 16.0}
    assert cpu.nodes == (NodeKind(1, 64, 256_000, (), "idle", 1, ("cpu",)),)
    assert gpu.nodes == (
        NodeKind(1, 64, 512_000, (Gres("gpu", "h100", 4, "gpu:h100:4"),), "idle", 1, ("h100", "nvlink")),
        NodeKind(1, 128, 1_024_000, (Gres("gpu", "a100", 8, "gpu:a100:8"),), "idle", 1, ("a100",)),
    )
    # DefMemPerNode=UNLIMITED in the partition means not set there; the cluster's own default is per core.
    assert (cpu.def_mem_per_cpu_mb, cpu.def_mem_per_node_mb) == (2000, None)
    assert cpu.max_nodes == cpu.max_cpus_per_node == UNLIMITED
    assert cpu.allow_accounts is None
    assert cpu.qos is None
    assert not cpu.exclusive


def test_the_recorded_accounts_and_qos() -> None:
    cluster = read(RECORDED)
    assert cluster.associations is not None
    empty, a = cluster.associations
    assert (empty.account, empty.is_default, a.account, a.is_default) == ("project_empty", False, "project_a", True)
    assert (a.qos, a.default_qos, a.partition) == (("debug", "normal"), "normal", None)
    assert a.limits.grp_tres_mins == {"gres/gpu": 600}
    assert a.limits.used_tres_mins is not None
    assert a.limits.used_tres_mins["gres/gpu"] == 0
    assert empty.limits.grp_tres_mins == {"gres/gpu": 1}
    assert empty.limits.used_tres_mins is not None
    assert (empty.limits.used_tres_mins["gres/gpu"], empty.limits.used_tres_mins["billing"]) == (1, 19)
    assert a.limits.max_wall_s is None
    normal, debug = cluster.qos
    assert (normal.name, normal.priority, normal.deny_on_limit) == ("normal", 10, False)
    assert (debug.name, debug.priority, debug.deny_on_limit) == ("debug", 100, True)
    assert debug.limits.max_tres_per_user == {"gres/gpu": 2}
    assert (debug.limits.max_wall_s, debug.limits.max_jobs_per_user, debug.limits.max_submit_per_user) == (1800, 1, 2)
    assert (normal.limits.max_wall_s, normal.limits.max_submit_per_user) == (172_800, 3000)


# --- other sites


def test_a_site_like_lumi() -> None:
    text = with_frame(
        "partitions",
        "PartitionName=standard-g AllowGroups=ALL AllowAccounts=ALL DenyAccounts=project_x,project_y AllowQos=ALL "
        "Default=NO QoS=part-qos DefaultTime=NONE MaxNodes=1024 MaxTime=2-00:00:00 MaxCPUsPerNode=UNLIMITED "
        "OverSubscribe=EXCLUSIVE State=UP DefMemPerNode=480000 TRESBillingWeights=CPU=0.125,Mem=0.015625G,GRES/gpu=1",
        "PartitionName=old AllowAccounts=a,b AllowQos=q State=DOWN MaxTime=UNLIMITED OverSubscribe=FORCE:4",
    )
    standard, old = read(text).partitions
    assert standard.exclusive
    assert standard.qos == "part-qos"
    assert standard.deny_accounts == ("project_x", "project_y")
    assert (standard.default_time_s, standard.max_nodes) == (None, 1024)
    assert (standard.def_mem_per_node_mb, standard.def_mem_per_cpu_mb) == (480_000, None)
    assert standard.billing_weights == {"cpu": 0.125, "mem": 0.015625, "gres/gpu": 1}
    assert standard.nodes == ()
    assert (old.up, old.max_time_s, old.exclusive) == (False, UNLIMITED, False)
    assert (old.allow_accounts, old.allow_qos) == (("a", "b"), ("q",))


def test_nodes_that_differ_and_gres_with_sockets() -> None:
    text = with_frame(
        "nodes",
        "gpu|up|infinite|3|mix-|64+|512000+|gpu:a100:4(S:0-1),gpu:a100_3g.20gb:2",
        "gpu|up|infinite|1|drain*|64|512000|gpu:2",
        "broken line",
    )
    gpu = next(p for p in read(text).partitions if p.name == "gpu")
    assert [(n.count, n.cpus, n.memory_mb, n.state) for n in gpu.nodes] == [
        (3, 64, 512_000, "mix-"), (1, 64, 512_000, "drain*"),
    ]  # fmt: skip
    assert [(g.type, g.count) for g in gpu.nodes[0].gres] == [("a100", 4), ("a100_3g.20gb", 2)]
    assert [(g.type, g.count) for g in gpu.nodes[1].gres] == [(None, 2)]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("MAX_TRES", "max"), ("ACCRUE_ALWAYS,MAX_TRES", "max"), ("MAX_TRES_GRES", "max-gres"), ("FAIR_TREE", "sum")],
)
def test_max_tres(flags: str, expected: str) -> None:
    assert read(with_frame("config", "ClusterName = c", f"PriorityFlags           = {flags}")).billing_rule == expected


def assoc(account: str, user: str, parent: str, *, mins: str = "", grp: str = "", jobs: str = "") -> str:
    cluster = "labcluster"
    return f"{cluster}|{account}|{user}||{parent}|normal|normal|{grp}|{mins}|{jobs}|||||||"


HEADER = (
    "Cluster|Account|User|Partition|Par Name|Def QOS|QOS|GrpTRES|GrpTRESMins|GrpJobs|GrpSubmit|MaxTRES|MaxTRESMins"
    "|MaxWall|MaxJobs|MaxSubmit"
)


def mgr(account: str, user: str, parent: str, mins: str) -> str:
    who = f"{user}(1004)" if user else ""
    return (
        f"ClusterName=labcluster Account={account} UserName={who} Partition= ParentAccount={parent} GrpTRESMins={mins}"
    )


def chain(*, grandparent_use: str | None) -> str:
    """alice's account is below a department, which is below a faculty."""
    text = with_frame("mine", HEADER, assoc("lab", "alice", ""))
    global_above = frame(
        "above",
        HEADER,
        assoc("lab", "", "department", mins="gres/gpu=1000", grp="gres/gpu=8,mem=1000G", jobs="50"),
        HEADER,
        assoc("department", "", "faculty", grp="gres/gpu=4", jobs="20"),
        HEADER,
        assoc("faculty", "", "root", mins="gres/gpu=5000,cpu=900000"),
        HEADER,
        assoc("root", "", ""),
    )
    use = [mgr("lab", "alice", "", "gres/gpu=N(1)"), mgr("lab", "", "department(3)", "gres/gpu=1000(100),cpu=N(7)")]
    if grandparent_use is not None:
        use.append(mgr("faculty", "", "root(1)", f"gres/gpu=5000({grandparent_use}),cpu=900000(10)"))
    for name, new in (("above", global_above), ("use", frame("use", *use))):
        before, _, rest = text.partition(f"dkai-frame/1 {name}\n")
        text = before + new + rest.partition("dkai-close/1")[2].partition("\n")[2]
    return text


def test_the_budget_with_the_least_left_is_the_one_that_counts() -> None:
    associations = read(chain(grandparent_use="4800")).associations
    assert associations is not None
    limits = associations[0].limits
    # lab: 900 left of 1000; faculty: 200 left of 5000.
    assert limits.grp_tres_mins == {"gres/gpu": 5000, "cpu": 900_000}
    assert limits.used_tres_mins is not None
    assert limits.used_tres_mins["gres/gpu"] == 4800
    assert limits.used_tres_mins["cpu"] == 10


def test_a_near_budget_may_be_the_tighter_one() -> None:
    associations = read(chain(grandparent_use="1000")).associations
    assert associations is not None
    limits = associations[0].limits
    assert (limits.grp_tres_mins["gres/gpu"], (limits.used_tres_mins or {})["gres/gpu"]) == (1000, 100)


def test_where_a_budgets_use_is_hidden_none_is_given() -> None:
    associations = read(chain(grandparent_use=None)).associations
    assert associations is not None
    assert associations[0].limits.grp_tres_mins["cpu"] == 900_000
    assert associations[0].limits.used_tres_mins is None


def test_other_limits_are_the_tightest_of_all_levels() -> None:
    without_use = chain(grandparent_use="1").replace("dkai-frame/1 use\n", "dkai-frame/1 gone\n")
    associations = read(without_use).associations
    assert associations is not None
    limits = associations[0].limits
    assert limits.grp_tres == {"gres/gpu": 4, "mem": 1_024_000}
    assert limits.grp_jobs == 20
    assert limits.used_tres_mins is None


def test_a_ring_of_accounts_ends() -> None:
    text = with_frame("above", HEADER, assoc("project_a", "", "project_b"), assoc("project_b", "", "project_a"))
    assert read(text).associations is not None


def test_accounts_of_another_cluster_are_not_ours() -> None:
    lines = [HEADER, assoc("lab", "alice", ""), assoc("x", "alice", "").replace("labcluster", "other")]
    associations = read(with_frame("mine", *lines)).associations
    assert associations is not None
    assert [a.account for a in associations] == ["lab"]


# --- what did not answer


def test_the_recorded_cluster_without_its_database() -> None:
    cluster = read((SLURM / "22.05/dkai/discovery-no-database.out").read_text(encoding="utf-8"))
    assert cluster.associations is not None
    assert [(a.account, a.is_default, a.qos) for a in cluster.associations] == [
        ("project_a", True, ()), ("project_empty", False, ()),
    ]  # fmt: skip
    assert cluster.associations[0].limits.grp_tres_mins == {"gres/gpu": 600}
    assert (cluster.associations[1].limits.used_tres_mins or {})["gres/gpu"] == 1
    assert cluster.qos == ()
    assert set(cluster.missing) == {"mine", "qos"}
    assert "Connection refused" in cluster.missing["qos"]
    assert hour_budget(cluster, cluster.associations[0]) == "known"


def test_the_recorded_cluster_without_its_controller() -> None:
    cluster = read((SLURM / "22.05/dkai/discovery-no-controller.out").read_text(encoding="utf-8"))
    down = {"config", "partitions", "nodes", "queue", "reservations", "use", "qos-use"}
    assert set(cluster.missing) == down | {"share"}
    assert {cluster.missing[name] for name in down} == {
        "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)"
    }
    assert (cluster.partitions, cluster.my_jobs, cluster.reservations) == ((), None, None)
    assert (cluster.accounting, cluster.enforce_part_limits) == (None, None)
    # The database tells the budgets, and nobody what is used of them.
    assert cluster.associations is not None
    one = next(a for a in cluster.associations if a.account == "project_a")
    assert (one.is_default, one.limits.grp_tres_mins) == (True, {"gres/gpu": 600})
    assert (one.limits.used_tres_mins, one.limits.running_tres_mins, one.limits.used_tres) == (None, None, None)
    assert hour_budget(cluster, one) == "unknown"


def test_the_recorded_cluster_while_a_job_runs() -> None:
    """2 GPUs for 30 minutes set aside 60 GPU minutes, less those that ran already."""
    cluster = read(BUSY)
    assert cluster.associations is not None
    limits = next(a for a in cluster.associations if a.account == "project_a").limits
    assert limits.grp_tres_mins == {"gres/gpu": 600}
    assert (limits.used_tres or {})["gres/gpu"] == 2
    assert 55 <= (limits.running_tres_mins or {})["gres/gpu"] <= 60
    assert cluster.reservations is not None
    (maint,) = cluster.reservations
    assert (maint.name, maint.starts_at, maint.ends_at) == ("maint", 1799049600, 1799085600)
    assert (maint.nodes, maint.node_count, maint.partition) == ("cpu01,gpu[01-02]", 3, None)
    assert (maint.users, maint.accounts, maint.flags[:2]) == (("root",), (), ("MAINT", "IGNORE_JOBS"))
    assert read(RECORDED).reservations == ()


def test_neither_tells_the_accounts() -> None:
    text = with_frame("mine", code=1, errors=("no",)).replace("dkai-frame/1 use\n", "dkai-frame/1 gone\n")
    assert read(text).associations is None


def test_no_accounts_is_not_unknown_accounts() -> None:
    assert read(with_frame("mine", HEADER)).associations == ()


def test_scontrol_denied_leaves_what_sinfo_knows() -> None:
    cluster = read(with_frame("partitions", code=1, errors=("Access/permission denied",)))
    assert [(p.name, p.max_time_s, p.billing_weights) for p in cluster.partitions] == [
        ("cpu", 86_400, None), ("gpu", 172_800, None), ("gpu-test", 1800, None),
    ]  # fmt: skip
    assert cluster.missing["partitions"] == "Access/permission denied"


@pytest.mark.parametrize(("code", "words"), [(124, "25 seconds"), (137, "25 seconds"), (1, "boom�")])
def test_each_missing_answer_says_why(code: int, words: str) -> None:
    cluster = read(with_frame("queue", code=code, errors=("boom\x1b",)))
    assert words in cluster.missing["queue"]
    assert cluster.my_jobs is None


def test_an_answer_that_broke_off_is_not_complete() -> None:
    place = RECORDED.index("dkai-frame/1 qos\n") + 60
    cluster = read(RECORDED[:place])
    assert "qos" in cluster.missing
    assert cluster.python is None


def test_noise_before_between_and_after() -> None:
    noisy = "*** Welcome {to} | labcluster ***\n" + RECORDED.replace(
        "dkai-frame/1 nodes", "motd: |x\ndkai-frame/1 nodes"
    )
    assert read(noisy + "logout\n") == read(RECORDED)


def test_my_jobs_are_counted() -> None:
    assert read(with_frame("queue", "PENDING", "RUNNING", "RUNNING")).my_jobs == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "no-answer"), ("This account is not available.\n", "no-answer"),
     (frame("me", "alice", "/home/alice") + frame("slurm", code=1), "no-slurm")],
)  # fmt: skip
def test_no_cluster_at_all(text: str, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read(text, 1, "\x1b[1mno")
    assert caught.value.code == code
    assert "\x1b" not in caught.value.message


@settings(max_examples=150)
@given(st.data())
def test_a_mangled_answer_is_a_value_or_a_remote_error(data: st.DataObject) -> None:
    lines = RECORDED.split("\n")
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        what = data.draw(st.sampled_from(["drop", "cut", "double", "text"]))
        if what == "drop":
            del lines[place]
        elif what == "cut":
            lines[place] = lines[place][: data.draw(st.integers(0, 80))]
        elif what == "double":
            lines.insert(place, lines[place])
        else:
            lines[place] = "|" + data.draw(st.text(max_size=80))
    with contextlib.suppress(RemoteError):
        read("\n".join(lines))


# --- as documented for other versions


@pytest.mark.parametrize("version", ["20.11", "21.08", "23.02", "23.11", "24.05", "24.11", "25.05", "25.11", "26.05"])
def test_every_version_says_the_same(version: str) -> None:
    cluster = read((SLURM / f"documented/{version}.out").read_text(encoding="utf-8"))
    assert cluster.version is not None
    assert cluster.version.startswith(version)
    mine, h100, whole = cluster.partitions
    assert (mine.name, mine.is_default, mine.def_mem_per_cpu_mb, mine.max_mem_per_node_mb) == (
        "mypart",
        True,
        800,
        3200,
    )
    assert (mine.max_mem_per_cpu_mb, mine.def_mem_per_node_mb, mine.exclusive) == (None, None, False)
    assert (h100.def_cpu_per_gpu, h100.def_mem_per_gpu_mb, h100.max_mem_per_cpu_mb) == (30, 120_000, 12_000)
    assert (h100.allow_accounts, h100.allow_qos, h100.deny_qos) == (("jhu", "lab"), None, ("jsalt_2026",))
    assert (h100.qos, h100.max_cpus_per_node, h100.max_time_s, h100.default_time_s) == ("gpu_qos", 124, 259_200, None)
    assert [(kind.count, kind.cpus, kind.features) for kind in h100.nodes] == [
        (31, 128, ("h100", "nvlink", "ib")), (1, 128, ("h100", "nvlink", "ib")),
    ]  # fmt: skip
    assert sum(g.count for g in h100.nodes[0].gres if g.name == "gpu") in (4, 5, 8, 9)
    assert whole.exclusive
    assert (whole.max_time_s, whole.nodes[0].threads_per_core) == (UNLIMITED, 2)
    default = {"23.11": 8, "25.05": 8}.get(version)
    assert mine.def_cpu_per_gpu == default
    assert cluster.associations is not None
    lab, jhu = cluster.associations
    assert (lab.account, lab.is_default, jhu.account, jhu.partition) == ("lab", True, "jhu", "h100")
    assert lab.limits.grp_tres_mins == {"cpu": 3_000_000, "gres/gpu": 240_000}
    assert (lab.limits.used_tres_mins or {})["gres/gpu"] == 114_222
    assert (lab.limits.running_tres_mins or {})["gres/gpu"] == 410
    assert lab.limits.grp_tres == {"cpu": 554, "mem": 3_007_203, "gres/gpu": 33}
    assert (lab.limits.used_tres or {})["gres/gpu"] == 12
    assert (lab.limits.max_tres_mins_per_job, lab.limits.max_jobs_per_user) == ({"cpu": 100_000}, 100)
    gpu = cluster.qos[1]
    assert (gpu.usage_factor, gpu.deny_on_limit, gpu.limits.max_tres_per_account) == (0.5, True, {"gres/gpu": 18})
    assert (gpu.limits.grp_tres, (gpu.limits.used_tres or {})["gres/gpu"]) == ({"gres/gpu": 80}, 70)
    assert (gpu.limits.grp_tres_run_mins, (gpu.limits.running_tres_mins or {})["gres/gpu"]) == (
        {"gres/gpu": 100_000}, 9000,
    )  # fmt: skip
    assert cluster.accounting is True
    assert cluster.clock_offset_s == 1_795_473_642
    if version == "23.11":  # PrivateData=reservations: those that one may not use are left out without a word
        assert cluster.reservations is None
        assert set(cluster.missing) == {"reservations"}
    else:
        assert cluster.missing == {}
        assert [(r.name, r.node_count) for r in cluster.reservations or ()] == [("maint-jan", 34)]
        assert (cluster.reservations or ())[0].nodes == "gh[101-132],node[1-2]"
    assert (cluster.modules, cluster.scratch) == ("lmod" if version >= "24.05" else "tcl", "/scratch/alice")


@pytest.mark.parametrize(
    ("version", "rule", "whole_cores", "enforced"),
    [("20.11", "sum", True, False), ("21.08", "max", False, True), ("23.02", "max", True, True),
     ("23.11", "sum", True, False), ("24.05", "sum", True, True), ("24.11", "max", True, True),
     ("25.05", "max-gres", True, True), ("25.11", "max-gres", True, True)],
)  # fmt: skip
def test_rules_of_the_versions(version: str, rule: str, whole_cores: bool, enforced: bool) -> None:
    cluster = read((SLURM / f"documented/{version}.out").read_text(encoding="utf-8"))
    assert (cluster.billing_rule, cluster.whole_cores, cluster.enforce_part_limits) == (rule, whole_cores, enforced)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("20.11", [("gpu", None, 4)]),
        ("21.08", [("gpu", "h100", 4)]),
        ("23.02", [("gpu", "nvidia_h100_80gb_hbm3", 4)]),
        ("23.11", [("gpu", None, 4)]),
        ("24.05", [("gpu", "nvidia_a100-sxm4-80gb", 3), ("gpu", "nvidia_a100_3g.20gb", 2)]),
        ("24.11", [("gpu", "a100_3g.20gb", 2), ("gpu", "a100_1g.5gb", 7)]),
        ("25.05", [("gpu", "h100", 4), ("shard", "h100", 64)]),
        ("25.11", [("gpu", "h100", 4), ("shard", None, 64)]),
    ],
)
def test_gres_of_the_versions(version: str, expected: list[tuple[str, str | None, int]]) -> None:
    cluster = read((SLURM / f"documented/{version}.out").read_text(encoding="utf-8"))
    found = cluster.partitions[1].nodes[0].gres
    assert [(g.name, g.type, g.count) for g in found] == expected
    assert all(g.raw.endswith(")") or ":" in g.raw for g in found)


def test_names_with_blanks() -> None:
    line = "PartitionName=CPU nodes (amd) AllowGroups=ALL AllowAccounts=ALL Default=NO State=UP MaxTime=UNLIMITED"
    text = with_frame("partitions", line)
    before, _, rest = text.partition("dkai-frame/1 nodes\n")
    after = rest.partition("dkai-close/1")[2].partition("\n")[2]
    nodes = frame("nodes", "CPU nodes (amd)|up|infinite|2|idle|8|16000|(null)|1:8:1|(null)")
    (found,) = read(before + nodes + after).partitions
    assert (found.name, found.nodes[0].count) == ("CPU nodes (amd)", 2)


# --- budgets: none, known, unknown


def test_hour_budgets() -> None:
    cluster = read(RECORDED)
    assert cluster.associations is not None
    assert hour_budget(cluster, cluster.associations[1]) == "known"
    none = read(with_frame("use").replace("gres/gpu=600", "").replace("gres/gpu=1|", "|"))
    assert none.associations is not None
    assert none.associations[0].limits.grp_tres_mins == {}
    assert hour_budget(none, none.associations[0]) == "none"
    assert hour_budget(none, None) == "unknown"
    without_qos = read(with_frame("qos", code=1, errors=("denied",)).replace("gres/gpu=600(", "gres/gpu=N("))
    assert without_qos.associations is not None
    assert hour_budget(without_qos, without_qos.associations[1]) == "unknown"


def test_a_cluster_that_keeps_no_accounts() -> None:
    """sacctmgr refuses there; that is no lack, and there is no budget."""
    config = ("ClusterName = c", "AccountingStorageType   = accounting_storage/none", "SLURM_VERSION = 23.02.7")
    text = with_frame("config", *config)
    for name in ("mine", "qos"):
        before, _, rest = text.partition(f"dkai-frame/1 {name}\n")
        refused = frame(name, code=1, errors=("You are not running a supported accounting_storage plugin",))
        text = before + refused + rest.partition("dkai-close/1")[2].partition("\n")[2]
    cluster = read(text)
    assert (cluster.accounting, cluster.associations, cluster.missing) == (False, (), {})
    assert hour_budget(cluster, None) == "none"


def test_the_group_limit_and_what_is_free_of_it() -> None:
    """The smaller limit decides what never starts, the level with the least free what waits."""
    text = chain(grandparent_use="1")
    use = [
        mgr("lab", "alice", "", "gres/gpu=N(1)") + " GrpTRES=gres/gpu=N(1)",
        mgr("lab", "", "department(3)", "") + " GrpTRES=gres/gpu=4(0)",
        mgr("department", "", "faculty(2)", "") + " GrpTRES=gres/gpu=10(9)",
        mgr("faculty", "", "root(1)", "") + " GrpTRES=gres/gpu=N(30)",
    ]
    before, _, rest = text.partition("dkai-frame/1 use\n")
    associations = read(before + frame("use", *use) + rest.partition("dkai-close/1")[2].partition("\n")[2]).associations
    assert associations is not None
    limits = associations[0].limits
    assert (limits.grp_tres, (limits.used_tres or {})["gres/gpu"]) == ({"gres/gpu": 4}, 3)


# --- the login node


def test_containers_modules_and_storage() -> None:
    text = RECORDED
    for new in (
        frame("login", "SCRATCH=/scratch/alice", "PATH=/usr/bin", "LMOD_CMD=/opt/lmod/lmod", "MODULESHOME=/opt/lmod"),
        frame("containers", "apptainer|apptainer version 1.3.4-1.el9", "singularity|apptainer version 1.3.4-1.el9",
              "podman|podman version 5.2.2", "enroot|3.5.0", "odd|"),
        frame("df home", "Filesystem 1024-blocks Used Available Capacity Mounted on",
              "nfs:/export/home 1073741824 536870912 536870912 50% /home"),
        frame("df scratch", "Filesystem 1024-blocks Used Available Capacity Mounted on",
              "10.0.0.1@o2ib:/lustre 10737418240 1073741824 9663676416 10% /scratch"),
        frame("lfs scratch", "Disk quotas for usr alice (uid 1004):",
              "     Filesystem  kbytes   quota   limit   grace   files   quota   limit   grace", "       /scratch",
              "                 2097152*       0 1048576 6d23h    1234       0    5000       -", code=0),
        frame("quota", "Disk quotas for user alice (uid 1004): ",
              "     Filesystem  blocks   quota   limit   grace   files   quota   limit   grace",
              "nfs:/export/home 2048000  10240000 12288000             345       0       0        ", code=1),
    ):  # fmt: skip
        name = new.partition("\n")[0].removeprefix("dkai-frame/1 ")
        before, found, rest = text.partition(f"dkai-frame/1 {name}\n")
        text = before + new + (rest.partition("dkai-close/1")[2].partition("\n")[2] if found else "")
    cluster = read(text)
    assert cluster.modules == "lmod"
    assert cluster.containers == ("apptainer 1.3.4", "podman 5.2.2", "enroot 3.5.0", "odd")
    assert cluster.storage == (
        Storage("home", "/home/alice", 2000, 12000, 345, None, "quota"),
        Storage("scratch", "/scratch/alice", 2048, 1024, 1234, 5000, "lfs quota"),
    )


def test_the_sites_own_commands() -> None:
    text = RECORDED + (SLURM / "documented/lumi.out").read_text(encoding="utf-8")
    cluster = read(text)
    assert cluster.allocations == (
        Allocation("project_465002906", "core-hour", 0, 1000, source="lumi-allocations"),
        Allocation("project_465002906", "gpu-hour", 0, 300, source="lumi-allocations"),
        Allocation("project_465002906", "tb-hour", 0, 10, source="lumi-allocations"),
        Allocation("project_465000001", "tb-hour", 226, 1000, source="lumi-allocations"),
    )
    assert [(s.name, s.path, s.used_mb, s.limit_mb, s.files_used, s.files_limit) for s in cluster.storage[-4:]] == [
        ("home", "/users/alice", 19 * 1024, 22 * 1024, 62_000, 100_000),
        ("projappl", "/projappl/project_465002906", 13 / 1024, 54 * 1024, 3, 100_000),
        ("scratch", "/scratch/project_465002906", 8.2 / 1024, 55 * 1024**2, 2, 2_000_000),
        ("flash", "/flash/project_465002906", 8.2 / 1024, 2.2 * 1024**2, 2, 1_000_000),
    ]
    assert read(RECORDED).allocations is None
