"""When is the work done, what is on order, and how have vendors kept their word?"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.result import Plan
from cellroad.plan.schedule import critical_path, open_orders, scorecards, tasks
from cellroad.plan.schedule.critical import Path
from cellroad.show.charts import milestones as drawn
from cellroad.show.charts.base import Option, call, names
from cellroad.show.topics.base import Sheet, sheet, without_blank

DRAWS = 2000


def sheets(plan: Plan) -> list[Sheet]:
    """Return milestones, open orders and scorecards as the chain has them when the plan begins."""
    chain = plan.chain
    cards = scorecards(chain, chain.plan_settings().start)
    return [
        *(sheet("Milestones", work(chain, _path(plan)), chain.milestones, ["milestone"], ["milestone"])
          if chain.milestones.height else []),
        *sheet("Orders that are open", ordered(chain), chain.orders, ["order"], ["order"]),
        *sheet("Vendors", kept(chain, cards), chain.orders, ["site"], ["site"]),
    ]  # fmt: skip


def option(plan: Plan) -> Option | None:
    """Return the Gantt chart of the milestones, None where there are none."""
    return drawn.chart(_path(plan), _called(plan.chain)) if plan.chain.milestones.height else None


def pixels(plan: Plan) -> int:
    """Return how high the chart is."""
    return drawn.pixels(plan.chain.milestones.height)


def work(chain: Chain, path: Path) -> pl.DataFrame:
    """Return the milestones for people, with `milestone` to find them by."""
    partners = names(chain, "partners")
    given = chain.milestones.select("milestone", "partner")
    rows = path.tasks.join(given, left_on="task", right_on="milestone", how="left", maintain_order="left")
    return rows.sort("start", "finish", maintain_order=True).select(
        pl.col("task").replace(_called(chain)).alias("Work"), call("partner", partners).alias("Whose"),
        pl.col("start").alias("Begins"), pl.col("finish").alias("Done"),
        pl.col("slack_days").alias("May slip, worked days"), pl.col("criticality").alias("Critical, % of draws"),
        milestone="task",
    )  # fmt: skip


def ordered(chain: Chain) -> pl.DataFrame:
    """Return the open orders for people, with `order` to find them by."""
    return open_orders(chain).select(
        pl.col("order").alias("Order"), pl.col("vendor").alias("Vendor"),
        call("item", names(chain, "items")).alias("What"), pl.col("quantity").alias("Units"),
        pl.col("kwh").alias("kWh"), call("destination", names(chain, "sites")).alias("Where"),
        pl.col("promised").alias("Promised"), pl.col("expected").alias("Expected"),
        pl.col("slip_days").alias("Slips, days"), order="order",
    )  # fmt: skip


def kept(chain: Chain, cards: pl.DataFrame) -> pl.DataFrame:
    """Return scorecards for people, with `site` to find them by."""
    low, high = (100 * pl.col(f"on_time_{end}") for end in ("low", "high"))
    rows = cards.select(
        pl.col("vendor").alias("Vendor"), pl.col("orders").alias("Orders"), pl.col("overdue").alias("Overdue"),
        pl.col("on_time_share").alias("On time, %"),
        pl.format("{} to {}", low.round(0).cast(pl.Int64), high.round(0).cast(pl.Int64)).alias("95 % interval"),
        pl.col("late_days_mean").alias("Late on average, days"), pl.col("late_days_worst").alias("At worst"),
        pl.col("filled_share").alias("Came of what was ordered, %"),
        pl.col("rejected_ppm").round(0).alias("Rejected, ppm"),
        pl.col("usd_per_kwh_last").alias("Last price, $/kWh"),
        pl.col("price_change_per_year").alias("Price a year, %"), site="site",
    )  # fmt: skip
    return without_blank(rows, "Overdue")


def _path(plan: Plan) -> Path:
    return critical_path(tasks(plan.chain), plan.chain.plan_settings().start, draws=DRAWS)


def _called(chain: Chain) -> dict[str, str]:
    return names(chain, "milestones")
