"""Blocks are read by the nodes of a Ray cluster. It needs Ray, of the extra `scale`."""

import logging
import os
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from app.archives.engine import EngineError
from app.archives.entries import Block
from app.archives.reading import Task, kept_process, rows_of
from app.archives.rows import Row
from app.cpus import available


class OnRay:
    """A Ray cluster: a task a block, on whichever node has a core free.

    Tasks and not Ray Data: a block is a part of the output, so that one that is lost with its node is simply read again
    elsewhere, and nodes may come and go. A node needs this package and nothing else: pictures and rows travel with the
    tasks, so that it shares no files with the driver.
    """

    def __init__(self, task: Task, address: str, workers: int | None = None) -> None:
        """Connect to `address`; `local` starts a cluster on this machine, of so many `workers`."""
        # A cluster of our own tells nobody of its use. Ray warns of a change that concerns accelerators alone.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        try:
            ray: Any = import_module("ray")  # only the extra has it
        except ImportError as error:
            raise EngineError("--ray needs Ray: pip install 'postal-digits[scale]'") from error
        self._ray, self._task = ray, task
        own = {"num_cpus": workers or available(), "include_dashboard": False} if address == "local" else {}
        try:
            ray.init(address, logging_level=logging.WARNING, log_to_driver=False, **own)
        except ImportError as error:
            raise EngineError(f"{address} needs Ray's client: pip install 'ray[client]'") from error
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise EngineError(f"no Ray cluster at {address}: {error}") from error
        self._remote = ray.remote(num_cpus=1, max_retries=-1)(_rows_on_ray)

    @property
    def most(self) -> int:
        """Two blocks for each core that is there now: one is read, and one is on its way."""
        return 2 * max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def start(self, block: Block) -> Any:
        """Send `block` to the cluster."""
        return self._remote.remote(block, self._task)

    def finished(self, handles: Sequence[Any]) -> Iterable[Any]:
        """Wait for one of `handles`."""
        done: list[Any] = self._ray.wait(list(handles))[0]
        return done

    def rows(self, handle: Any) -> list[Row]:
        """Return what became of a block. Raises EngineError where no node could read it."""
        try:
            rows: list[Row] = self._ray.get(handle)
        except self._ray.exceptions.RayTaskError as error:
            raise EngineError(f"a node of the cluster cannot read: {error.cause or error}") from error
        return rows

    def close(self) -> None:
        """Leave the cluster; what is under way there ends."""
        self._ray.shutdown()


def _rows_on_ray(block: Block, task: Task) -> list[Row]:
    return list(rows_of(block.pictures, task, kept_process(task)))
