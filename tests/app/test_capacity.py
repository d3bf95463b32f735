"""Each caller gets its own answer, those past the queue are refused at once, and those who leave cost nothing."""

import asyncio
import os
import sys
import threading
from collections.abc import Sequence

import pytest

from app.capacity import Budget, ComputeThreads
from app.errors import BusyError


class Squares:
    """Work that can be held up: squares numbers, and fails on 13."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.groups: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.go.wait()
        self.groups.append(list(numbers))
        return [ValueError("13") if number == 13 else number * number for number in numbers]


def test_sixty_four_callers_get_their_own_answers_though_some_leave_and_one_fails() -> None:
    work = Squares()

    async def call() -> list[int | BaseException | None]:
        threads = ComputeThreads(work, name="test", threads=2, most_waiting=64, at_once=8)
        tasks = [asyncio.create_task(threads.run(number)) for number in range(64)]
        await asyncio.sleep(0.05)
        for task in tasks[40:50]:
            task.cancel()
        await asyncio.sleep(0)
        work.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        threads.close()
        return list(results)

    results = asyncio.run(call())
    for number, result in enumerate(results):
        if 40 <= number < 50:
            assert isinstance(result, asyncio.CancelledError)
        elif number == 13:
            assert isinstance(result, ValueError)
        else:
            assert result == number * number
    done = sorted(number for group in work.groups for number in group)
    assert done == [number for number in range(64) if not 40 <= number < 50]  # who left was not computed
    assert max(len(group) for group in work.groups) == 8


def test_past_the_queue_callers_are_refused_at_once_and_later_ones_are_served() -> None:
    work = Squares()

    async def call() -> tuple[list[int | BaseException | None], int]:
        threads = ComputeThreads(work, name="test", threads=1, most_waiting=3)
        first = asyncio.create_task(threads.run(1))
        while threads.waiting or not first.get_coro():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # the thread has taken it, and the queue is free
        others = [asyncio.create_task(threads.run(number)) for number in range(2, 8)]
        await asyncio.sleep(0.05)
        refused = [task for task in others if task.done()]
        work.go.set()
        results = await asyncio.gather(first, *others, return_exceptions=True)
        later = await threads.run(9)
        threads.close()
        assert all(isinstance(task.exception(), BusyError) for task in refused)
        return list(results), later

    results, later = asyncio.run(call())
    assert sum(isinstance(result, BusyError) for result in results) == 3
    assert [result for result in results if isinstance(result, int)] == [1, 4, 9, 16]
    assert later == 81


def test_work_that_fails_as_a_whole_fails_those_who_asked_and_nobody_else() -> None:
    def work(numbers: Sequence[int]) -> list[int | Exception]:
        if 0 in numbers:
            raise RuntimeError("nobody foresaw this")
        return list(numbers)

    async def call() -> None:
        threads = ComputeThreads(work, name="test", threads=1, most_waiting=10)
        with pytest.raises(RuntimeError, match="foresaw"):
            await threads.run(0)
        assert await threads.run(5) == 5
        threads.close()
        with pytest.raises(BusyError):
            await threads.run(5)

    asyncio.run(call())


def test_a_thread_rests_once_nothing_came_for_long_and_at_the_end() -> None:
    rested, work = list[float](), Squares()
    work.go.set()

    async def call() -> None:
        rest = lambda: rested.append(len(work.groups))  # noqa: E731  # shorter than a function
        threads = ComputeThreads(work, name="test", threads=1, most_waiting=3, rest=rest, rest_seconds=0.2)
        assert await threads.run(3) == 9
        await asyncio.sleep(0.3)
        assert rested == [1]
        assert await threads.run(4) == 16
        threads.close()

    asyncio.run(call())
    assert rested == [1, 2]


def test_a_budget_refuses_what_does_not_fit_and_is_given_back() -> None:
    budget = Budget(100)
    with budget.hold(60):
        with budget.hold(40):
            pass
        with pytest.raises(BusyError), budget.hold(41):
            pass
        assert budget.held == 60
    with budget.hold(1_000):  # alone, anything fits
        assert budget.held == 1_000
    assert budget.held == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows how nice each thread is")
def test_compute_threads_let_the_event_loop_go_first() -> None:
    def niceness(_: Sequence[None]) -> list[int]:
        return [os.getpriority(os.PRIO_PROCESS, threading.get_native_id())]

    async def call() -> int:
        threads = ComputeThreads(niceness, name="test", threads=1, most_waiting=1)
        found = await threads.run(None)
        threads.close()
        return found

    assert asyncio.run(call()) > os.getpriority(os.PRIO_PROCESS, 0)
