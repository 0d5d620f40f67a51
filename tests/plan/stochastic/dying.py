"""A scenario whose worker dies once, in the middle of its work."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

from cellroad.plan.stochastic.recourse import Cut, Recourse


class Dying(Recourse):
    """Kills its process before the first answer of all; the file that the environment names tells that it was done."""

    def cut(self, x: np.ndarray) -> Cut:
        mark = Path(os.environ["CELLROAD_TEST_DIES"])
        if not mark.exists():
            mark.write_text("once")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().cut(x)
