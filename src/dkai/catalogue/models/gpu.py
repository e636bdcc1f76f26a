"""A GPU model: what quotes and recommendations are computed from."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from dkai.catalogue.models.common import Entry, Line, Model, Moment, Positive, SourceId, TextOrWord, Whole


class Formats(Model):
    """Peak dense throughput in TFLOPS (TOPS for int8), as the vendor states it."""

    fp64: Positive | None = None
    fp32: Positive | None = None
    tf32: Positive | None = None
    bf16: Positive | None = None
    fp16: Positive | None = None
    fp8: Positive | None = None
    fp4: Positive | None = None
    int8: Positive | None = None
    note: TextOrWord | None = None
    sources: Annotated[list[SourceId], Field(min_length=1)] | None = None
    checked: date | None = None


class Gpu(Entry):
    """One GPU model."""

    vendor: Literal["nvidia", "amd", "intel", "apple"]
    family: Line
    accelerator: Literal["cuda", "rocm", "xpu", "mps"]
    memory_gb: Positive
    memory_bandwidth_gb_s: Positive | None = Field(
        None, description="peak, GB/s of the whole card, as the vendor states it"
    )
    tdp_w: Positive | None = None
    released: Moment | None = None
    formats: Formats = Field(default_factory=Formats)
    partitions: Whole | None = Field(None, description="schedulable devices on one card (LUMI's MI250X has 2)")
    names: list[Line] = Field(default_factory=list, description="names as Slurm's GRES or the driver writes them")
    note: TextOrWord | None = None
    checked: date
