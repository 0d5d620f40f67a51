"""The command that tells whether everything Cellroad needs is there: the first thing to send with a fault."""

from __future__ import annotations

from cellroad.show.exits import Exit
from cellroad.show.terminal import Face, table


def doctor(*, face: Face = Face()) -> Exit:  # noqa: B008
    """Say whether everything that Cellroad needs is there, and which versions are at work."""
    import polars as pl

    from cellroad.show.doctor import examine

    seen = examine()
    broken = seen.filter(~pl.col("sound") & pl.col("needed"))
    verdict = f"{broken.height} of these must be mended first." if broken.height else "Everything needed is there."
    shown = seen.with_columns(sound=pl.when("sound").then(pl.lit("yes")).otherwise(pl.lit("no")))
    face.answer([table(shown.drop("needed")), "", verdict], {"sound": not broken.height, "seen": seen})
    return Exit.FAILURE if broken.height else Exit.OK
