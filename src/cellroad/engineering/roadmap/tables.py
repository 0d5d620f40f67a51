"""The tables of a programme, each declared once: its gates, members, evidence, projects, costs and what they turn.

A programme is a folder of CSV files named as these tables. Every row says where it comes from; a row without a source
is an assumption and is shown as one.
"""

from __future__ import annotations

import dataframely as dy

from cellroad.chain.column import choice, choices, day, ident, money, number, ref, share, text, whole
from cellroad.chain.tables import Table

PHASES = ("basic research", "key technologies", "joint development", "pilot", "manufacture")
SHAPES = ("pert", "triangular", "uniform", "exponential", "fixed")
OUTCOMES = ("early", "as planned", "late")


class Programme(Table):
    """The programme: one row."""

    programme = ident("id of the programme")
    name = text("what people call it", default="")
    start = day("day from which months are counted; what is proven by then is passed")
    by = day("day by which its goal is to be reached")
    goal = ref("gates.gate", "gate that is its goal")
    speed_exponent = number(
        "pure number", "how effort shortens work: months go with effort to the power of minus this; 0: not at all",
        default=0.3, low=0, high=1,
    )  # fmt: skip
    common_share = share(
        "part of what makes work of different gates take long or short that they have in common", default=0.0
    )


class Members(Table):
    """An organisation that works in the programme, or may."""

    member = ident("id of the organisation")
    name = text("what people call it", default="")
    effort_share = share("part of the effort of the programme in its phases")
    phases = choices(PHASES, "where it works; blank: everywhere", default="")
    joined = day("since when; blank or after the start of the programme: it may join", optional=True)


class Gates(Table):
    """Work that ends in a gate."""

    gate = ident("id of the gate")
    name = text("what people call it", default="")
    phase = choice(PHASES, "what kind of work it is")
    after = ref("gates.gate", "gates that come before it, separated by ';'", optional=True, many=True)
    needs = choice(("all", "any"), "all gates before it, or any one of them", default="all")
    months_low = number("months", "shortest", low=0)
    months_likely = number("months", "likely; of an exponential shape the mean", low=0)
    months_high = number("months", "longest", low=0)
    shape = choice(SHAPES, "how months lie between them", default="pert")
    success_share = share("chance that a try succeeds", default=1.0)
    tries = whole("tries", "before the branch is given up; 0: until it succeeds", default=1)
    repeat_share = number("share of the months", "that another try takes", default=1.0, low=0)
    trl = whole("level 1..9", "technology readiness that it gives (ISO 16290)", optional=True, low=1, high=9)
    mrl = whole("level 1..10", "manufacturing readiness that it gives (US DoD)", optional=True, low=1, high=10)
    budget_usd = money("USD", "what it is planned to cost; another try takes its share of it again", optional=True)
    spent_usd = money("USD", "spent so far; blank: nothing, and of a passed gate its budget", optional=True)
    crash_share = share("share of the months to which money can shorten it; 1: not at all", default=1.0)
    crash_usd = money(
        "USD", "what that costs beyond the budget; blank: as effort would, by the speed exponent", optional=True
    )


class Evidence(Table):
    """What is known of a gate: it passes only on a row that proves it, dated, with a source, verified or reported."""

    evidence = ident("id of the row")
    gate = ref("gates.gate", "gate that it is about")
    on = day("day on which it happened", optional=True)
    shows = choice(("passed", "progress", "setback"), "what it proves of the gate", default="progress")
    proves = text("what happened", default="")


class Projects(Table):
    """A project that may be paid for."""

    project = ident("id of the project")
    name = text("what people call it", default="")
    cost_usd = money("USD", "what it costs")
    value_usd = money("USD", "what it is worth if it and all before it succeed")
    success_share = share("chance that it succeeds if all before it do", default=1.0)
    after = ref("projects.project", "projects that it needs, separated by ';'", optional=True, many=True)
    instead_of = text("at most one project of those with the same word is chosen; blank: any", default="")


class Components(Table):
    """A part of what a kWh of cells of a chemistry costs in the base year."""

    chemistry = text("chemistry", key=True)
    component = text("what it is", key=True)
    usd_per_kwh = money("USD per kWh", "cost in the base year, without its mineral")
    spread_share = share("how far the cost of the base year may lie off, either way", default=0.1)
    learning_low = share("cost that falls away with each doubling of volume, lowest", default=0.0)
    learning_likely = share("the same, likely", default=0.0)
    learning_high = share("the same, highest", default=0.0)
    floor_usd_per_kwh = money("USD per kWh", "below which it does not fall, whatever is learnt", default=0.0)
    mineral = text("series of the price facts that it moves with; blank: none", default="")
    kg_per_kwh = number("kg per kWh", "of the mineral in it", default=0.0, low=0)


class Volumes(Table):
    """Cells of a chemistry that are made in all until a year."""

    chemistry = text("chemistry", key=True)
    year = whole("year", "at its end", low=1990, high=2100, key=True)
    gwh_low = number("GWh", "made by then, least", above=0)
    gwh_likely = number("GWh", "likely", above=0)
    gwh_high = number("GWh", "most", above=0)


class Minerals(Table):
    """What a mineral may cost in a year to come."""

    mineral = text("series of the price facts", key=True)
    year = whole("year", "in which", low=1990, high=2100, key=True)
    usd_low = money("USD per tonne", "lowest")
    usd_likely = money("USD per tonne", "likely")
    usd_high = money("USD per tonne", "highest")


class Forks(Table):
    """A question whose answer parts the futures of a plan: does a gate come early, as planned or late?"""

    fork = ident("id of the question")
    name = text("what people call what comes", default="")
    gate = ref("gates.gate", "gate that decides")
    early_by = day("early: reached on this day or before")
    late_after = day("late: reached after this day, or never")
    known_on = day("day on which a planner knows the answer")


class Effects(Table):
    """What an answer changes in a chain, as a row of its table `changes`."""

    fork = ref("forks.fork", "the question", key=True)
    outcome = choice(OUTCOMES, "the answer", key=True)
    table = text("table that changes", key=True)
    key = text("key of the row, parts joined by '|'; '*' for every row", key=True)
    column = text("column that changes; blank with 'drop'", default="", key=True)
    operation = choice(("set", "multiply", "add", "drop"), "how", default="set")
    value = text("new value, factor or difference", default="")


ROADMAP: dict[str, type[dy.Schema]] = {
    schema.__name__.lower(): schema
    for schema in (
        Programme, Members, Gates, Evidence, Projects, Components, Volumes, Minerals, Forks, Effects,
    )
}  # fmt: skip
"""Every table of a programme by name, in the order in which a person would fill them in."""
