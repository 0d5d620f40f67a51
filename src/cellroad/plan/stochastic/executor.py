"""Who does the work: one interface, three ways: this process, a pool of processes, actors of a Ray cluster.

A piece of work is an object with state worth keeping (a warm solver of one scenario). `start` builds one for each
payload, `call` asks some of them for the answer of a method. Each object lives with one worker for good; a worker that
dies is replaced, its objects are built again from their payloads and its questions are asked again, so nothing is
lost but their warmth.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, Protocol

Make = Callable[[Any], Any]
"""Builds an object from its payload; a function or class of a module, so that other processes find it."""
RETRIES = 3
"""How often the same question may kill its worker before that counts as an error."""


class Executor(Protocol):
    """Builds objects once and asks them questions."""

    def start(self, make: Make, payloads: Sequence[Any]) -> None:
        """Build one object for each payload, numbered from 0; objects of an earlier start are dropped."""

    def call(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what a method of each numbered object answers to its arguments."""

    def close(self) -> None:
        """Let go of all workers."""


class Serial:
    """All work in this process, one after the other."""

    def __init__(self) -> None:
        """Start without objects."""
        self.objects: list[Any] = []

    def start(self, make: Make, payloads: Sequence[Any]) -> None:
        """Build one object for each payload."""
        self.objects = [make(payload) for payload in payloads]

    def call(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what a method of each numbered object answers to its arguments."""
        return {number: getattr(self.objects[number], method)(*parts) for number, parts in arguments.items()}

    def close(self) -> None:
        """Drop the objects."""
        self.objects = []


class WorkerDiedError(RuntimeError):
    """A worker ended before it answered, again and again."""


class Pool:
    """Processes on this machine, each with the objects that it built (object n lives with worker n modulo workers).

    Workers are fresh interpreters, not copies of this one: no script runs twice and no lock is inherited.
    """

    def __init__(self, workers: int | None = None) -> None:
        """Choose how many processes; without a number, one for each core that this process may use."""
        self.size = workers or cores()
        self.workers = [_Worker() for _ in range(self.size)]
        self.threads = ThreadPoolExecutor(self.size)

    @property
    def pids(self) -> list[int]:
        """Return the process ids of the workers that run."""
        return [worker.process.pid for worker in self.workers if worker.process is not None]

    def start(self, make: Make, payloads: Sequence[Any]) -> None:
        """Build one object for each payload, spread evenly over the workers."""
        mine = [dict(list(enumerate(payloads))[n :: self.size]) for n in range(self.size)]
        list(self.threads.map(lambda pair: pair[0].build(make, pair[1]), zip(self.workers, mine, strict=True)))

    def call(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what a method of each numbered object answers to its arguments."""
        mine = [{n: parts for n, parts in arguments.items() if n % self.size == k} for k in range(self.size)]
        told = self.threads.map(lambda pair: pair[0].ask(method, pair[1]), zip(self.workers, mine, strict=True))
        answers = {number: answer for answered in told for number, answer in answered.items()}
        return {number: answers[number] for number in arguments}

    def close(self) -> None:
        """End the processes."""
        for worker in self.workers:
            worker.end()
        self.threads.shutdown()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """One process and what it needs to be built again."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.make: Make | None = None
        self.payloads: dict[int, Any] = {}
        self.lock = threading.Lock()

    def build(self, make: Make, payloads: dict[int, Any]) -> None:
        self.make, self.payloads = make, payloads
        if payloads:
            self._send_all("", {})

    def ask(self, method: str, arguments: dict[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Ask one question after the other; what was answered before a death is kept."""
        answers: dict[int, Any] = {}
        for _ in range(RETRIES + 1):
            left = {number: parts for number, parts in arguments.items() if number not in answers}
            if not left:
                return answers
            answers |= self._send_all(method, left)
        if len(answers) < len(arguments):
            raise WorkerDiedError(f"a worker ended {RETRIES} times while it worked on {method!r}")
        return answers

    def _send_all(self, method: str, arguments: dict[int, tuple[Any, ...]]) -> dict[int, Any]:
        answers: dict[int, Any] = {}
        with self.lock:
            try:
                if self.process is None or self.process.poll() is not None:
                    self._begin()
                    _write(self.process.stdin, ("build", self.make, self.payloads))  # type: ignore[union-attr]
                    _read(self.process.stdout)  # type: ignore[union-attr]
                elif not method:
                    _write(self.process.stdin, ("build", self.make, self.payloads))
                    _read(self.process.stdout)
                for number, parts in arguments.items():
                    _write(self.process.stdin, (method, number, parts))  # type: ignore[union-attr]
                    failed, answer = _read(self.process.stdout)  # type: ignore[union-attr]
                    if failed:
                        raise answer
                    answers[number] = answer
            except (EOFError, BrokenPipeError, ConnectionResetError):
                self.end()
        return answers

    def _begin(self) -> None:
        command = [sys.executable, "-m", "cellroad.plan.stochastic.worker"]
        path = os.pathsep.join(p for p in [*sys.path, os.environ.get("PYTHONPATH", "")] if p)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
        )

    def end(self) -> None:
        """End the process, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
            self.process = None


def _write(stream: IO[bytes] | None, what: Any) -> None:
    assert stream is not None
    data = pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(8, "little") + data)
    stream.flush()


def _read(stream: IO[bytes] | None) -> Any:
    assert stream is not None
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = int.from_bytes(head, "little")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


class Cluster:
    """Actors of a Ray cluster that keep their warm objects; needs the extra `cluster`.

    An actor that dies is started anew and asked again.
    """

    def __init__(self, actors: int | None = None) -> None:
        """Join the cluster that RAY_ADDRESS names, or start one on this machine."""
        import ray

        self.ray: Any = ray
        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False)
        self.size = actors or max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        self.actor = ray.remote(num_cpus=1)(Objects)
        self.actors: list[Any] = []
        self.make: Make | None = None
        self.payloads: list[dict[int, Any]] = []

    def start(self, make: Make, payloads: Sequence[Any]) -> None:
        """Build one object for each payload, spread evenly over the actors."""
        self.make = make
        self.payloads = [dict(list(enumerate(payloads))[n :: self.size]) for n in range(self.size)]
        self.actors = [self.actor.remote(make, mine) for mine in self.payloads]

    def call(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what a method of each numbered object answers to its arguments."""
        answers: dict[int, Any] = {}
        for _ in range(RETRIES + 1):
            left = {n: parts for n, parts in arguments.items() if n not in answers}
            if not left:
                break
            asked = {n: self.actors[n % self.size].ask.remote(method, n, parts) for n, parts in left.items()}
            for number, reference in asked.items():
                try:
                    answers[number] = self.ray.get(reference)
                except self.ray.exceptions.RayActorError:
                    worker = number % self.size
                    self.actors[worker] = self.actor.remote(self.make, self.payloads[worker])
        if len(answers) < len(arguments):
            raise WorkerDiedError(f"an actor ended {RETRIES} times while it worked on {method!r}")
        return {number: answers[number] for number in arguments}

    def close(self) -> None:
        """Let the actors go; the cluster stays."""
        for actor in self.actors:
            self.ray.kill(actor)
        self.actors = []


class Objects:
    """The objects of one worker."""

    def __init__(self, make: Make, payloads: Mapping[int, Any]) -> None:
        """Build an object for each payload."""
        self.objects = {number: make(payload) for number, payload in payloads.items()}

    def ask(self, method: str, number: int, arguments: tuple[Any, ...]) -> Any:
        """Return what a method of an object answers."""
        return getattr(self.objects[number], method)(*arguments)
