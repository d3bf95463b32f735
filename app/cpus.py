"""How many CPUs this process may use: those that it has been given, not all that the machine has."""

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def available(cgroup: Path = _CGROUP) -> int:
    """Return how many CPUs the scheduler and, in a container, the quota allow; at least 1."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return max(1, count if quota is None else min(count, math.ceil(quota)))


def _quota(cgroup: Path) -> float | None:
    """Return how many CPUs' time the container may use (cgroup version 2 or 1); None where there is no limit."""
    try:
        taken, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
        return None if taken == "max" else int(taken) / int(period)
    except (OSError, ValueError):
        pass
    try:
        taken, period = (
            (cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text(encoding="ascii") for name in ("quota", "period")
        )
        return int(taken) / int(period) if int(taken) > 0 else None
    except (OSError, ValueError):
        return None
