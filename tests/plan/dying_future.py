"""A future whose worker dies once, in the middle of its work."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

from cellroad.plan.tree.workers import Future


class DyingFuture(Future):
    """Kills its process before the first answer of all; the file that the environment names tells that it was done."""

    def plan(self, *asked: Any) -> np.ndarray:
        mark = Path(os.environ["CELLROAD_TEST_DIES"])
        if not mark.exists():
            mark.write_text("once")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().plan(*asked)
