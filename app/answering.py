"""Questions on their way from the event loop to the compute threads and back: light and heavy pictures, and batches."""

import asyncio
import logging
import time
from collections.abc import Sequence

from app.audit import Audit
from app.capacity import Budget, ComputeThreads
from app.errors import UNFORESEEN, BusyError, ServiceError
from app.heavy import IDLE_SECONDS, HeavyProcess
from app.metrics import Limit, Metrics
from app.problems import problem
from app.schemas import Problem
from app.service import Answer, HeavyError, Question, Service

log = logging.getLogger(__name__)

LIGHT_PIXELS = 2_000_000
"""The largest picture that is read beside others. A larger one, and a mail piece, which takes as long as fifty strips,
wait their turn for a process of its own."""
TOGETHER = 8
"""Most questions that a thread takes at once: the digits among them share a forward pass."""
HEAVY_WAITING = 16
"""Large pictures and mail pieces that may wait for that process: it reads several a second."""
DIGITS_UNDER_WAY = 4_000
"""So many, sent as tensors, may be under way at once: a few seconds' work. More are refused as busy."""
DIGITS_AT_ONCE = 4 * TOGETHER
"""So many of a tensor are asked at a time: some wait while others share a pass."""
_AGAIN_SECONDS = 0.05


class Answering:
    """Answers questions with as much under way at once as the settings allow."""

    def __init__(self, service: Service, metrics: Metrics | None = None, audit: Audit | None = None) -> None:
        """Start the compute threads, each with its own working memory, taken before the first question.

        metrics: count what is answered. audit: gets a line for each reading.
        """
        settings, self._audit = service.settings, audit
        self._metrics = metrics or Metrics()
        self._pixels = Budget(2 * max(settings.max_pixels, settings.max_jpeg_pixels))
        self._light: ComputeThreads[Question, Answer] = ComputeThreads(
            lambda questions: self._audited(questions, service.answers(questions, LIGHT_PIXELS)),
            name="light",
            threads=settings.threads,
            most_waiting=settings.queue,
            at_once=TOGETHER,
            first=service.warm_up,
        )
        self._digits = Budget(DIGITS_UNDER_WAY)
        self._places = asyncio.Semaphore(max(1, settings.queue // 2))  # of the queue: the rest is for single pictures
        heavy = HeavyProcess(settings, service.loaded)
        self._heavy: ComputeThreads[Question, Answer] = ComputeThreads(
            lambda questions: self._audited(questions, heavy.answers(questions)),
            name="heavy",
            threads=1,
            most_waiting=HEAVY_WAITING,
            rest=heavy.end,
            rest_seconds=IDLE_SECONDS,
        )
        self._metrics.watch("light", self._light)
        self._metrics.watch("heavy", self._heavy)

    async def ready(self) -> None:
        """Return once every thread has read a digit and a strip."""
        await self._light.ready()

    @property
    def full(self) -> bool:
        """Whether the next question would be refused."""
        return self._light.full

    async def answer(self, question: Question) -> Answer:
        """Return the answer. Raises ServiceError, BusyError where too much is under way."""
        limit: Limit = "queue"
        try:
            try:
                return await self._answer_light(question)
            except HeavyError as heavy:
                limit = "heavy"
                return await self._answer_heavy(heavy)
        except BusyError:
            self._metrics.refused(limit)
            raise

    async def _answer_light(self, question: Question) -> Answer:
        question.trace.asked = time.perf_counter()
        answer = await self._light.run(question)
        self._metrics.reading(answer, question.trace)
        return answer

    async def _answer_heavy(self, heavy: HeavyError) -> Answer:
        question = heavy.question
        question.trace.asked = time.perf_counter()
        with self._pixels.hold(heavy.pixels):
            answer = await self._heavy.run(question)
        self._metrics.reading(answer, question.trace)
        return answer

    def _audited(
        self, questions: Sequence[Question], answers: Sequence[Answer | Exception]
    ) -> Sequence[Answer | Exception]:
        """Return `answers`, once they are in the audit: that is the threads' work, for a disk may take its time."""
        if self._audit is not None:
            for question, answer in zip(questions, answers, strict=True):
                if not isinstance(answer, Exception):
                    self._audit.write(question, answer)
        return answers

    async def answers(self, questions: Sequence[Question | ServiceError], request_id: str) -> list[Answer | Problem]:
        """Return each question's answer, in order; for a bad question, or one that fails, the answer is a problem.

        A few are asked at a time, so that a batch leaves room for others and stops when its caller leaves.
        """
        answered: list[Answer | Problem] = []
        for start in range(0, len(questions), TOGETHER):
            some = questions[start : start + TOGETHER]
            answered += await asyncio.gather(*(self._patient(question, request_id) for question in some))
        return answered

    def check_room(self, count: int = 1) -> None:
        """Raise BusyError where `digits` would for as many as `count`."""
        if not self._digits.fits(count):
            self._metrics.refused("digits")
            raise BusyError

    async def digits(self, questions: Sequence[Question]) -> list[Answer]:
        """Return the answer to each question, in order; each is about one small digit.

        They wait for their turn, however short the queue. Raises BusyError where too many of others wait already.
        """
        self.check_room(len(questions))
        answered: list[Answer] = []
        with self._digits.hold(len(questions)):
            for start in range(0, len(questions), DIGITS_AT_ONCE):
                some = questions[start : start + DIGITS_AT_ONCE]
                answered += await asyncio.gather(*map(self._in_turn, some))
        return answered

    async def _in_turn(self, question: Question) -> Answer:
        async with self._places:
            answer = await self._patient(question, question.request_id)
        if isinstance(answer, Problem):
            raise ServiceError(answer.detail)
        return answer

    async def _patient(self, question: Question | ServiceError, request_id: str) -> Answer | Problem:
        heavy: HeavyError | None = None  # that it is one is found out only once
        while True:
            try:
                if isinstance(question, ServiceError):
                    raise question
                return await (self._answer_light(question) if heavy is None else self._answer_heavy(heavy))
            except HeavyError as error:
                heavy = error
            except BusyError:
                await asyncio.sleep(_AGAIN_SECONDS)  # its batch has been let in already
            except ServiceError as error:
                return self._problem(error.status, error.detail, request_id)
            except Exception:
                log.exception("%s: a picture failed", request_id)
                return self._problem(500, UNFORESEEN, request_id)

    def _problem(self, status: int, detail: str, request_id: str) -> Problem:
        self._metrics.batch_problem(status)
        return problem(status, detail, request_id)

    def close(self) -> None:
        """Answer what waits, and end the threads."""
        self._light.close()
        self._heavy.close()
