"""How are array kernels compiled? By Numba, without the lock of the interpreter, and kept on disk for the next time.

They are kept in the user's cache folder (or NUMBA_CACHE_DIR), wherever the package lies, under a name that changes with
any source file beside a kernel: Numba itself would only look at the file that a kernel stands in, not at those which it
calls. Where that folder cannot be written they are compiled anew by each process.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


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
    from numba.core import config

    settings: Any = config
    before, folder = settings.CACHE_DIR, _kept_in(Path(kernel.__code__.co_filename).parent)
    settings.CACHE_DIR = folder or before  # read while a kernel is declared, and not changed for kernels of others
    try:
        made = numba.njit(
            nogil=True, cache=folder is not None, error_model="numpy", pipeline_class=_pipeline(), **options
        )(kernel)
    finally:
        settings.CACHE_DIR = before
    return cast(Kernel, made)


@cache
def _pipeline() -> Any:
    """Return how kernels are compiled: as Numba does, but what becomes part of a kernel knows its arguments by their
    names there.

    Numba gives each part copies of them, and of a tuple of a hundred arrays that is most of what there is to compile.
    """
    compiler, machinery, ir, ir_utils, untyped = (
        import_module(f"numba.core.{name}")
        for name in ("compiler", "compiler_machinery", "ir", "ir_utils", "untyped_passes")
    )

    def _to_itself(one: Any) -> bool:
        return isinstance(one, ir.Assign) and isinstance(one.value, ir.Var) and one.target.name == one.value.name

    @machinery.register_pass(mutates_CFG=False, analysis_only=False)
    class OneName(machinery.FunctionPass):  # type: ignore[misc, name-defined]
        _name = "cellroad_one_name"

        def __init__(self) -> None:
            machinery.FunctionPass.__init__(self)

        def run_pass(self, state: Any) -> bool:
            blocks = state.func_ir.blocks
            found = ir_utils.build_definitions(blocks)
            names = {}
            for target, values in found.items():
                root = values[0]
                while len(values) == 1 and isinstance(root, ir.Var) and len(found[root.name]) == 1:
                    name, root = root, found[root.name][0]
                    if isinstance(root, ir.Arg):
                        names[target] = name
            ir_utils.replace_vars(blocks, names)
            for block in blocks.values():
                block.body = [one for one in block.body if not _to_itself(one)]
            state.func_ir._definitions = ir_utils.build_definitions(blocks)
            return bool(names)

    class Pipeline(compiler.CompilerBase):  # type: ignore[misc, name-defined]
        def define_pipelines(self) -> list[Any]:
            passes = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
            passes.add_pass_after(OneName, untyped.InlineInlinables)
            passes.finalize()
            return [passes]

    return Pipeline


@cache
def _kept_in(room: Path) -> str | None:
    """Return the folder that keeps the kernels of a folder of sources; None where it cannot be written."""
    from numba.core import config
    from numba.misc.appdirs import user_cache_dir

    sources = b"".join(path.read_bytes() for path in [*sorted(room.glob("*.py")), Path(__file__)])
    settings: Any = config
    place = Path(settings.CACHE_DIR or user_cache_dir("cellroad", appauthor=False))  # type: ignore[no-untyped-call]
    folder = place / "kernels" / hashlib.sha256(sources).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return None
    return str(folder)
