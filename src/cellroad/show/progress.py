"""How does a person see a plan come on, and stop it? A live line on a terminal, plain lines elsewhere, Ctrl-C."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from cellroad.show import format
from cellroad.show.terminal import Face, complain, console

if TYPE_CHECKING:
    from cellroad.plan.planning import Progress
    from cellroad.plan.stress.stressing import Progress as StressProgress

PLAIN_EVERY_S = 5.0
"""Seconds between two lines of progress where nobody looks at a terminal."""


STRESS_PHASES = {
    "prepare": "work the plan out by week and day",
    "compile": "compile (the first time only, about half a minute)",
    "futures": "run the plan",
    "risks one by one": "let each risk act alone, and leave each out",
    "sites one by one": "let each site stand still",
}
"""What people are told of the phases of a stress test."""


class Watch:
    """Shows how a plan is coming on and lets a person stop it: the callback that `plan` takes."""

    def __init__(self, draw: Callable[[str], None]) -> None:
        self.interrupted = False
        self._draw = draw

    def __call__(self, progress: Progress) -> bool:
        """Draw the state; say whether to go on."""
        self._draw(told(progress))
        return not self.interrupted

    def lines(self, progress: StressProgress) -> bool:
        """Draw how many futures are done; say whether to go on."""
        mean = "" if progress.mean_usd is None else f"  mean {format.money(progress.mean_usd)}"
        phase = STRESS_PHASES.get(progress.phase, progress.phase)
        self._draw(f"{phase}  {progress.done:,} of {progress.draws:,} futures{mean}")
        return not self.interrupted

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """Ask the plan to end with the best that it has; the second time, leave at once."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        complain("Stopping with the best plan so far; press Ctrl-C again to leave at once.")


def told(progress: Progress) -> str:
    """Return the state of a plan as one line: phase, best plan, bound, gap."""
    figures = (
        ("best", progress.incumbent_usd, format.money),
        ("bound", progress.bound_usd, format.money),
        ("gap", progress.gap, format.share),
    )
    known = [f"{name} {form(value)}" for name, value, form in figures if value is not None and math.isfinite(value)]
    return "  ".join([progress.phase, *known])


@contextmanager
def watching(face: Face) -> Iterator[Watch]:
    """Show progress on stderr, live on a terminal and by lines elsewhere, and catch Ctrl-C while a plan is made."""
    with _drawing(face) as draw:
        watch = Watch(draw)
        if threading.current_thread() is not threading.main_thread():
            yield watch
            return
        before = signal.signal(signal.SIGINT, watch.stop)
        try:
            yield watch
        finally:
            signal.signal(signal.SIGINT, before)


@contextmanager
def _drawing(face: Face) -> Iterator[Callable[[str], None]]:
    err = console(sys.stderr)
    if face.quiet:
        yield lambda line: None
    elif not err.is_terminal:
        yield _by_lines(err)
    else:
        columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        with Bar(*columns, console=err, transient=True) as bar:
            task = bar.add_task("starting")
            yield lambda line: bar.update(task, description=line)


def _by_lines(err: Console) -> Callable[[str], None]:
    began = time.monotonic()
    told_phase, told_at = "", -math.inf

    def draw(line: str) -> None:
        nonlocal told_phase, told_at
        now, phase = time.monotonic(), line.split("  ", 1)[0]
        if phase != told_phase or now - told_at >= PLAIN_EVERY_S:
            told_phase, told_at = phase, now
            err.print(f"{now - began:6.1f} s  {line}")

    return draw
