"""How are array kernels compiled? By Numba, kept on disk where that can be, without the lock of the interpreter."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
if find_spec("numba") is not None and not os.access(Path(__file__).parent, os.W_OK):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "cellroad-kernels"))


class NoCompilerError(ImportError):
    """Numba is not installed."""


def inlined(kernel: Kernel) -> Kernel:
    """Return a kernel that becomes part of those that call it, for what is called every day.

    Raises NoCompilerError where Numba is missing.
    """
    return _made(kernel, inline="always")


def compiled(kernel: Kernel) -> Kernel:
    """Return a kernel compiled to machine code when it is first called: strict arithmetic, the same on every machine.

    Raises NoCompilerError where Numba is missing.
    """
    return _made(kernel)


def uncounted(kernel: Kernel) -> Kernel:
    """Return a compiled kernel that makes no arrays and does not count who refers to those it is given.

    The caller keeps them. Counting costs more than the arithmetic where a day reads a hundred arrays.
    Raises NoCompilerError where Numba is missing.
    """
    return _made(kernel, _nrt=False)


def _made(kernel: Kernel, **options: Any) -> Kernel:
    if find_spec("numba") is None:
        raise NoCompilerError('this needs a compiler of kernels: pip install "cellroad[stress]"')
    import numba

    return cast(Kernel, numba.njit(nogil=True, cache=True, error_model="numpy", **options)(kernel))
