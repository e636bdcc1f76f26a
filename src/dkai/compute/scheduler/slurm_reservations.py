"""Reservations ahead, often for maintenance: `scontrol show reservation -o`. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dkai.compute.cluster import Reservation
from dkai.compute.scheduler.slurm_parse import fields, moment, names, whole
from dkai.compute.scheduler.slurm_shell import Frame


def reservations(frame: Frame, config: Mapping[str, str]) -> tuple[Reservation, ...] | None:
    """All that may be seen; None where that was denied, or may be less than there are.

    With PrivateData=reservations Slurm leaves out, without a word, those that one may not use (slurm.conf(5)).
    """
    if not frame.ok:
        return None
    found = tuple(_reservation(record) for line in frame.lines if (record := fields(line)).get("ReservationName"))
    hidden = "reservations" in config.get("PrivateData", "").lower().split(",")
    return None if hidden and not found else found


def _reservation(record: Mapping[str, str]) -> Reservation:
    return Reservation(
        name=record["ReservationName"],
        starts_at=moment(record.get("StartTime", "")),
        ends_at=moment(record.get("EndTime", "")),
        partition=_or_none(record.get("PartitionName", "")),
        nodes=_or_none(record.get("Nodes", "")) or "",
        node_count=whole(record.get("NodeCnt", "")),
        flags=names(record.get("Flags", "")) or (),
        users=names(record.get("Users", "")) or (),
        accounts=names(record.get("Accounts", "")) or (),
    )


def _or_none(text: str) -> str | None:
    return None if text in ("", "(null)", "N/A") else text
