"""Scripts of the project that are no part of its package, and the published cases that lie beside it."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
CASES = Path(os.environ.get("CELLROAD_CASES", ROOT.parent / "shared" / "data"))


def script(path: str) -> ModuleType:
    """Return a script, such as benchmarks/stock.py, as a module that others find by its name."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
