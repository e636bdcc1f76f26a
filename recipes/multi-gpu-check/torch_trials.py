"""What is tried with PyTorch: the same sum and exchange by its own means, and one step of data-parallel training.

On AMD's GPUs PyTorch calls RCCL by NCCL's name. Not one line of this has run on several GPUs yet; on CPUs (gloo) only
where PyTorch was at hand.
"""

import statistics
import time
from datetime import timedelta
from typing import Any

from group import Group

TOLERANCE = 1e-4  # of a gradient's largest entry, in single precision


def load() -> tuple[Any, str]:
    """PyTorch and an empty word, or None and why it is not used."""
    try:
        import torch
        import torch.distributed
    except ImportError as error:
        return None, str(error)
    if not torch.distributed.is_available():
        return None, "torch.distributed"
    return torch, ""


class Torch:
    """torch.distributed over the same processes. GPUs are used where this process sees one."""

    def __init__(self, torch: Any, group: Group, port: int) -> None:
        self.torch, self.group, self.dist = torch, group, torch.distributed
        place = group.place
        self.on_gpu = bool(torch.cuda.is_available() and torch.cuda.device_count())
        if self.on_gpu:
            # Sites that bind one GPU to each process leave only device 0.
            self.device = torch.device("cuda", place.local if torch.cuda.device_count() > place.local else 0)
            torch.cuda.set_device(self.device)
        else:
            self.device = torch.device("cpu")
        self.backend = "nccl" if self.on_gpu else "gloo"
        self.dist.init_process_group(
            self.backend, init_method=f"tcp://{group.address}:{port}", rank=place.rank, world_size=place.world,
            timeout=timedelta(seconds=120),
        )  # fmt: skip

    def name(self) -> str:
        """What it computes on."""
        return self.torch.cuda.get_device_name(self.device) if self.on_gpu else "CPU"

    def wait(self) -> None:
        """GPUs work on while the program goes on."""
        if self.on_gpu:
            self.torch.cuda.synchronize(self.device)

    def sums(self, count: int) -> dict[str, Any]:
        """As over TCP: whole numbers, small enough that single precision holds them exactly."""
        torch, rank, n = self.torch, self.group.place.rank, self.group.place.world
        pattern = torch.arange(count, device=self.device).remainder(7).add(1).float()
        values = pattern * (rank + 1)
        self.dist.all_reduce(values)
        return {"numbers": count, "wrong": int((values != pattern * (n * (n + 1) // 2)).sum().item())}

    def speed(self, size: int, repetitions: int) -> dict[str, Any]:
        """Microseconds for an all-reduce of one number, and the bus bandwidth of one of `size` bytes in MB/s.

        Bus bandwidth is size / time × 2 (n - 1) / n, as NVIDIA's nccl-tests define it: comparable for any n.
        """
        n = self.group.place.world
        short, rates = [], []
        for count, found in ((1, short), (max(1, size // 4), rates)):
            values = self.torch.ones(count, device=self.device)
            for step in range(repetitions + 2):
                values.fill_(1.0)
                self.dist.barrier()
                self.wait()
                began = time.perf_counter()
                self.dist.all_reduce(values)
                self.wait()
                taken = time.perf_counter() - began
                if step >= 2:  # the first calls open connections
                    found.append(taken * 1e6 if count == 1 else count * 4 / taken * 2 * (n - 1) / n / 1e6)
        return {"latency_us": short, "mb_per_s": rates if n > 1 else []}

    def training_step(self) -> dict[str, Any]:
        """One step of data-parallel training, compared with the same step on all data at once."""
        torch, rank, n = self.torch, self.group.place.rank, self.group.place.world
        maker = torch.Generator().manual_seed(7)
        data = torch.randn(16 * n, 32, generator=maker)
        target = torch.randn(16 * n, 1, generator=maker)
        weights = torch.randn(32, 1, generator=maker)

        def gradient(rows: Any, wanted: Any) -> Any:
            own = weights.clone().to(rows.device).requires_grad_(True)
            ((rows @ own - wanted) ** 2).mean().backward()
            return own.grad

        mine = slice(16 * rank, 16 * (rank + 1))
        found = gradient(data[mine].to(self.device), target[mine].to(self.device))
        self.dist.all_reduce(found)
        whole = gradient(data, target)
        error = float((found.cpu() / n - whole).abs().max() / whole.abs().max())
        return {"error": error, "right": error < TOLERANCE}

    def computing(self, repetitions: int) -> float:
        """Seconds for the same piece of work on every device."""
        size = 2048 if self.on_gpu else 256
        values = self.torch.ones(size, size, device=self.device)
        taken = []
        for _ in range(repetitions + 1):
            self.wait()
            began = time.perf_counter()
            for _ in range(10):
                values @ values
            self.wait()
            taken.append(time.perf_counter() - began)
        return statistics.median(taken[1:])

    def close(self) -> None:
        """Leave the group."""
        self.dist.destroy_process_group()
