"""What reads blocks: the machine's cores, or a Ray cluster; both do the same with a block, `reading.rows_of`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from app.archives.entries import Block
from app.archives.rows import Row


class EngineError(RuntimeError):
    """The engine cannot be started, or has failed; the message says why."""


class Engine(Protocol):
    """Something that reads several blocks at once."""

    @property
    def most(self) -> int:
        """How many blocks to have under way, so that none of its cores waits; on a cluster it changes with time."""
        ...

    def start(self, block: Block) -> Any:
        """Begin with `block`; return a handle."""
        ...

    def finished(self, handles: Sequence[Any]) -> Iterable[Any]:
        """Wait, and return those of `handles` that are done, at least one."""
        ...

    def rows(self, handle: Any) -> list[Row]:
        """Return what became of a block that is done. Raises EngineError."""
        ...

    def close(self) -> None:
        """Give up what is under way, and give back what was taken."""
        ...


def read(blocks: Iterable[Block], engine: Engine) -> Iterator[tuple[Block, list[Row]]]:
    """Yield each block with its rows as soon as it is read. Memory holds the blocks that are under way, and no more."""
    under_way: dict[Any, Block] = {}

    def done() -> Iterator[tuple[Block, list[Row]]]:
        for handle in engine.finished(list(under_way)):
            yield under_way.pop(handle), engine.rows(handle)

    for block in blocks:
        under_way[engine.start(block)] = block
        while len(under_way) >= engine.most:
            yield from done()
    while under_way:
        yield from done()
