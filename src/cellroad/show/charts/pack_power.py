"""How much power may a pack give and take, by state of charge and temperature?"""

from __future__ import annotations

import polars as pl

from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, short, tip
from cellroad.show.palette import BLUE

SHADES = ["#f7fbff", "#9ecae1", BLUE, "#08306b"]


def table(power: pl.DataFrame, seconds: float) -> pl.DataFrame:
    """Return the power that is given for some seconds: a row a temperature, a column a state of charge, in kW."""
    one = power.filter(seconds=seconds).with_columns(
        kw=(pl.col("discharge_w") / 1000).round_sig_figs(3),
        at=(pl.col("soc") * 100).round().cast(pl.Int64).cast(pl.String),
    )
    wide = one.pivot(on="at", index="temperature_c", values="kw").sort("temperature_c", descending=True)
    return wide.rename({"temperature_c": "At degC", **{c: f"{c} % charged" for c in wide.columns[1:]}})


def chart(power: pl.DataFrame, seconds: float, column: str = "discharge_w") -> Option:
    """Return a map of the power over state of charge and temperature, with what binds it on hover."""
    one = power.filter(seconds=seconds)
    charge = sorted(one["soc"].unique())
    degrees = sorted(one["temperature_c"].unique())
    binds = column.replace("_w", "_limited_by")
    data = [
        {
            "value": [charge.index(row["soc"]), degrees.index(row["temperature_c"]), *short([row[column] / 1000])],
            "tooltip": tip(
                f"{fmt.number(row[column] / 1000)} kW",
                f"{row['soc']:.0%} charged, {row['temperature_c']:g} degC, {seconds:g} s",
                f"limited by {row[binds]}",
            ),
        }
        for row in one.iter_rows(named=True)
    ]
    most = float(one[column].to_numpy().max()) / 1000
    return base(
        f"Map of power for {seconds:g} s over state of charge and temperature.",
        grid={"left": 8, "right": 90, "top": 26, "bottom": 34, "containLabel": True},
        xAxis={"type": "category", "data": [f"{value:.0%}" for value in charge], "name": "Charged",
               "nameLocation": "middle", "nameGap": 26},
        yAxis={"type": "category", "data": [f"{value:g}" for value in degrees], "name": "degC"},
        visualMap={"min": 0, "max": float(f"{most or 1:.3g}"), "calculable": False, "orient": "vertical", "right": 0,
                   "top": "middle", "text": ["kW", ""], "inRange": {"color": SHADES}},
        series=[{"type": "heatmap", "data": data}],
    )  # fmt: skip
