"""What is closed is told: in the headline, in the table of openings and as a bar of its notice."""

from tests.plan.test_stage_rules import closure, planned, standing
from tests.plan.tiny import straight

from cellroad.show.charts import schedule
from cellroad.show.report import headline, report


def test_a_closure_is_told_with_its_month_and_works_no_more_after_it() -> None:
    plan = planned(straight(**standing(2000.0), closures=closure(name="End of the old line", notice_months=1)))
    assert "Close: End of the old line (February 2027)" in headline(plan)
    assert "End of the old line" in report(plan)
    drawn = {series["name"]: series["data"] for series in schedule.chart(plan)["series"]}
    assert drawn.keys() == {"Notice of closing"}


def test_a_plan_that_closes_nothing_says_nothing_of_it() -> None:
    plan = planned(straight(**standing(0.0), closures=closure(cost_usd=10.0)))
    assert "Close" not in headline(plan)
