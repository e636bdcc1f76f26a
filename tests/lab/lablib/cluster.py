"""The cluster on paper: slurm.conf, gres.conf and slurmdbd.conf of `labcluster`."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

from .places import CLUSTER, ETC, LAB, MUNGE, PORTS, RUN, SLURM_CONF, SPOOL, say
from .processes import private_hostname


def _host() -> str:
    return "localhost" if private_hostname() else socket.gethostname().split(".")[0]


def _comm_params() -> list[str]:
    """Bind to loopback only, where the host's own name leads there."""
    params = ["NoCtldInAddrAny"]
    try:
        if _host() == "localhost" or socket.gethostbyname(_host()).startswith("127."):
            params.append("NoInAddrAny")
        else:
            say(
                f"host name {_host()} is not on loopback and cannot be changed for the daemons: "
                "slurmd will listen on all addresses"
            )
    except OSError:
        pass
    return params


def _gpu_files(node: str, count: int) -> Path:
    """Files in the place of devices: slurmd only asks whether they are there."""
    folder = LAB / "dev" / node
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        (folder / f"nvidia{index}").touch()
    return folder


def write_cluster() -> None:
    """Write the three files, and cgroup.conf, for this state folder and these ports."""
    params = _comm_params()
    SLURM_CONF.write_text(_slurm_conf(params), encoding="utf-8")
    lines = []
    for node, kind, count in (("gpu01", "h100", 4), ("gpu02", "a100", 8)):
        files = f"{_gpu_files(node, count)}/nvidia[0-{count - 1}]"
        lines.append(f"NodeName={node} Name=gpu Type={kind} File={files}\n")
    (ETC / "gres.conf").write_text("".join(lines), encoding="utf-8")
    # nothing here uses cgroups, but slurmd ends where it finds none, or v2 without systemd
    (ETC / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n", encoding="utf-8")
    dbd = ETC / "slurmdbd.conf"
    dbd.touch(mode=0o600)
    dbd.write_text(_slurmdbd_conf([name for name in params if name == "NoInAddrAny"]), encoding="utf-8")
    slurm = pwd.getpwnam("slurm")
    os.chown(dbd, slurm.pw_uid, slurm.pw_gid)
    dbd.chmod(0o600)


def _slurm_conf(params: list[str]) -> str:
    gpu_weights = "TRESBillingWeights=CPU=1.0,Mem=0.25G,GRES/gpu=16"
    return f"""\
ClusterName={CLUSTER}
SlurmctldHost={_host()}(127.0.0.1)
SlurmctldPort={PORTS["slurmctld"]}
CommunicationParameters={",".join(params)}
AuthType=auth/munge
AuthInfo=socket={MUNGE}/munge.socket
CredType=cred/munge
SlurmUser=slurm
SlurmdUser=root
StateSaveLocation={SPOOL}/slurmctld
SlurmdSpoolDir={SPOOL}/%n
SlurmctldPidFile={RUN}/slurmctld.pid
SlurmdPidFile={RUN}/slurmd-%n.pid
SlurmctldDebug=info
SlurmdDebug=info
MailProg=/bin/true
MpiDefault=none
SwitchType=switch/none
# no cgroups, no confinement
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
SlurmdParameters=config_overrides
ReturnToService=2
# quick start and quick end, for tests
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=2000
KillWait=2
UnkillableStepTimeout=10
MinJobAge=300
MessageTimeout=10
SlurmctldTimeout=30
SlurmdTimeout=60
EnforcePartLimits=ALL
MaxArraySize=2001
# fair share and hard budgets: usage does not decay, it is reset once a year
PriorityType=priority/multifactor
PriorityDecayHalfLife=0
PriorityUsageResetPeriod=YEARLY
PriorityCalcPeriod=1
PriorityMaxAge=1-0
PriorityWeightAge=1000
PriorityWeightFairshare=10000
PriorityWeightJobSize=1000
PriorityWeightPartition=1000
PriorityWeightQOS=10000
PriorityWeightTRES=CPU=100,Mem=100,GRES/gpu=2000
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={PORTS["slurmdbd"]}
AccountingStoragePass={MUNGE}/munge.socket
AccountingStorageTRES=gres/gpu,gres/gpu:h100,gres/gpu:a100
AccountingStorageEnforce=associations,limits,qos
AccountingStoreFlags=job_comment,job_script
GresTypes=gpu
NodeName=gpu01 NodeAddr=127.0.0.1 Port={PORTS["gpu01"]} Sockets=2 CoresPerSocket=32 \
ThreadsPerCore=1 RealMemory=512000 Gres=gpu:h100:4 Feature=h100,nvlink
NodeName=gpu02 NodeAddr=127.0.0.1 Port={PORTS["gpu02"]} Sockets=2 CoresPerSocket=64 \
ThreadsPerCore=1 RealMemory=1024000 Gres=gpu:a100:8 Feature=a100
NodeName=cpu01 NodeAddr=127.0.0.1 Port={PORTS["cpu01"]} Sockets=2 CoresPerSocket=32 \
ThreadsPerCore=1 RealMemory=256000 Feature=cpu
PartitionName=cpu Nodes=cpu01 Default=YES MaxTime=1-00:00:00 DefaultTime=01:00:00
PartitionName=gpu Nodes=gpu01,gpu02 MaxTime=2-00:00:00 DefaultTime=01:00:00 {gpu_weights}
PartitionName=gpu-test Nodes=gpu01,gpu02 MaxTime=00:30:00 DefaultTime=00:10:00 \
PriorityJobFactor=100 {gpu_weights}
"""


def _slurmdbd_conf(params: list[str]) -> str:
    return f"""\
AuthType=auth/munge
AuthInfo=socket={MUNGE}/munge.socket
DbdHost={_host()}
DbdAddr=127.0.0.1
DbdPort={PORTS["slurmdbd"]}
{"".join(f"CommunicationParameters={name}" for name in params)}
SlurmUser=slurm
PidFile={RUN}/slurmdbd.pid
DebugLevel=info
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StorageLoc=slurm_acct_db
"""
