"""Who makes an answer, who waits for it, and who stops it?

Most designs take a tenth of a second, the widest ones half a minute. So an answer is made beside the request, which
waits for it a little; whoever asks again finds it being made or made. An answer that nobody wants any more is stopped.
Answers are kept while there is room: a design holds about a kilobyte a layout.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from threading import Lock

from cellroad.chain.files import load
from cellroad.engineering.design.designing import design
from cellroad.engineering.design.result import Design
from cellroad.show.web.asking import Question

PATIENCE_S = 2.0
"""How long a page waits for an answer before it tells how that comes on."""
AT_ONCE = 2
"""Answers that are made at a time."""
MOST_WAITING = 16
"""Answers that may be waited for."""
MOST_KEPT = 64
"""Answers that are kept."""
MOST_LAYOUTS = 300_000
"""Layouts of the answers that are kept; the newest is kept however many it has."""


class BusyError(Exception):
    """More is asked at once than can be answered."""


class StoppedError(Exception):
    """An answer that nobody wants any more."""


class Run:
    """One answer that is being made or is made: `said` tells what is being done."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.said = "waiting for its turn"
        self.began = time.monotonic()
        self.stopped = False
        self.future: Future[Design] = Future()

    @property
    def seconds(self) -> float:
        """Since when it is asked."""
        return time.monotonic() - self.began

    @property
    def layouts(self) -> int:
        """How many layouts its answer holds."""
        done = self.future.done() and not self.future.cancelled() and self.future.exception() is None
        return len(self.future.result().admitted.layouts) if done else 0

    def work(self) -> Design:
        """Make the answer. Raises what `design` does, and StoppedError."""
        self.watch("reading")
        asked = self.question
        prices = load(asked.chain) if asked.chain else None
        found = design(asked.specification, cells=asked.cells, chain=prices, watch=self.watch)
        self.watch("putting the best first")
        assert found.pareto.height  # made here, while nobody waits for the page
        return found

    def watch(self, words: str) -> None:
        """Note what is being done. Raises StoppedError where nobody wants it any more."""
        if self.stopped:
            raise StoppedError
        self.said = words

    def answer(self, patience: float | None = None) -> Design | None:
        """Return the answer, None where it is not there within so many seconds. Raises what `work` does."""
        try:
            return self.future.result(patience)
        except NotYetError:
            if self.future.done():
                raise
            return None


class Desk:
    """Where answers are made and kept."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, "design")
        self._runs: OrderedDict[Question, Run] = OrderedDict()
        self._lock = Lock()

    def ask(self, question: Question) -> Run:
        """Return the run that answers a question: the one that is there, else a new one. Raises BusyError."""
        with self._lock:
            run = self._runs.get(question)
            if run is None:
                if sum(not one.future.done() for one in self._runs.values()) >= MOST_WAITING:
                    raise BusyError
                run = self._runs[question] = Run(question)
                run.future = self._pool.submit(run.work)
            self._runs.move_to_end(question)
            self._forget()
            return run

    def stop(self, question: Question) -> None:
        """Stop making an answer, and forget it where it is not made."""
        with self._lock:
            run = self._runs.get(question)
            if run is not None and not run.future.done():
                run.stopped = True
                run.future.cancel()
                del self._runs[question]

    def close(self) -> None:
        """Stop all work."""
        for question in list(self._runs):
            self.stop(question)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        """Let go of the answers that were not asked for longest, while there are too many or too large ones."""
        made = [question for question, run in self._runs.items() if run.future.done()]
        held = sum(self._runs[question].layouts for question in made)
        for question in made[:-1]:
            if held <= MOST_LAYOUTS and len(self._runs) <= MOST_KEPT:
                return
            held -= self._runs.pop(question).layouts
