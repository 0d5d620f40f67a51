"""The tables of a line, each declared once: what it makes, its stations, people, places of rework, shifts and tasks.

A line is a folder of CSV files named as these tables. Every row says where it comes from; a row without a source is an
assumption and is shown as one.
"""

from __future__ import annotations

from cellroad.chain.column import choice, ident, money, number, ref, share, text, whole
from cellroad.chain.tables import Table

PIECES = ("pack", "module", "cell", "joint")
SHAPES = ("fixed", "triangular", "exponential")
AUTOMATION = ("automatic", "mixed", "manual")


class Products(Table):
    """A pack that the line makes."""

    product = ident("id of the product")
    name = text("what people call it", default="")
    kwh = number("kWh per pack", "nominal energy", above=0)
    mix_share = share("part of the packs that are made")
    lot = whole("packs", "made in a row before another product follows", default=1, low=1)
    modules = whole("per pack", "modules in it", default=1, low=0)
    cells = whole("per pack", "cells in it", low=1)
    joints = whole("per pack", "welded joints in it", default=0, low=0)


class Stations(Table):
    """A station, in the order of its row."""

    station = ident("id of the station")
    name = text("what people call it", default="")
    channels = whole("channels", "units that are worked on side by side", default=1, low=1)
    buffer = whole("packs", "places to wait in front of it; blank: without limit", optional=True)
    fixed_s = number("seconds", "work on a pack, whatever it holds", default=0.0, low=0)
    piece_s = number("seconds", "work on each piece", default=0.0, low=0)
    piece = choice(PIECES, "what a piece is", default="pack")
    shape = choice(SHAPES, "how times lie around the likely one", default="triangular")
    low_share = number("share of the likely time", "shortest time", default=0.95, low=0, high=1)
    high_share = number("share of the likely time", "longest time", default=1.15, low=1)
    pass_share = number("share 0..1", "first-pass yield", default=1.0, above=0, high=1)
    tries = whole("times", "that a pack may fail here before it is scrapped", default=2)
    rework = ref("reworks.rework", "place where what fails is mended; blank: it goes through again", optional=True)
    rework_s = number("seconds", "to mend it", default=0.0, low=0)
    mtbf_h = number("hours of work", "mean time between failures; blank: it never fails", optional=True, above=0)
    mttr_h = number("hours", "mean time of repair", default=0.0, low=0)
    changeover_s = number("seconds", "to change to another product", default=0.0, low=0)
    pool = ref("pools.pool", "whose people work here; blank: nobody", optional=True)
    people = whole("people", "that work at each channel while it works", default=0)
    automation = choice(AUTOMATION, "how it works", default="automatic")
    kwh_per_pack = number("kWh per pack", "electricity that a pack takes here", default=0.0, low=0)
    channel_usd = money("USD per channel", "to add one; blank: cannot be added", optional=True)
    place_usd = money("USD per place", "to add a place to wait in front of it; blank: cannot be added", optional=True)


class Pools(Table):
    """People who can work at the same stations."""

    pool = ident("id of the pool")
    name = text("what people call it", default="")
    people = whole("people", "on each shift", low=0)
    usd_per_hour = money("USD per hour", "wage with all that comes on top", default=0.0)


class Reworks(Table):
    """A place beside the line where what failed is mended."""

    rework = ident("id of the place")
    name = text("what people call it", default="")
    channels = whole("channels", "that are mended side by side", default=1, low=1)
    pool = ref("pools.pool", "whose people work here; blank: nobody", optional=True)
    people = whole("people", "that work at each channel while it works", default=0)


class Shifts(Table):
    """A shift."""

    shift = ident("id of the shift")
    days_per_year = number("days", "on which it is worked", above=0, high=366)
    hours = number("hours", "from begin to end", above=0, high=24)
    breaks_hours = number("hours", "of them in which the line stands", default=0.0, low=0)


class Tasks(Table):
    """A piece of work that a station does, for balancing and for rates of automation."""

    task = ident("id of the task")
    name = text("what people call it", default="")
    station = ref("stations.station", "where it is done; blank: to be assigned", optional=True)
    seconds = number("seconds per pack", "work of one pack", low=0)
    automation = choice(AUTOMATION, "how it is done", default="automatic")
    manual_s = number("seconds per pack", "it would take by hand; blank: as long", optional=True, low=0)
    after = ref("tasks.task", "tasks that come before it, separated by ';'", optional=True, many=True)


class Ramp(Table):
    """How a new line learns: what holds from a month after its start on."""

    month = whole("months since start", "from which it holds", key=True)
    stop_factor = number(
        "times", "how much more it stands still for repair than when it has learnt", default=1.0, low=0
    )
    speed_share = share("speed against what it has when it has learnt", default=1.0)
    fail_factor = number("times", "how much more fails than when it has learnt", default=1.0, low=0)


class Settings(Table):
    """A number that holds for the whole line."""

    name = choice(
        ("energy_usd_per_kwh", "material_usd_per_kwh", "fixed_usd_per_year", "target_gwh_per_year",
         "target_automation_share"),
        "energy_usd_per_kwh: price of electricity; material_usd_per_kwh: what is lost with a scrapped pack; "
        "fixed_usd_per_year: rent, depreciation, maintenance; target_…: what is aimed at", key=True,
    )  # fmt: skip
    value = number("as the name says", "its value", low=0)


LINE: dict[str, type[Table]] = {
    schema.__name__.lower(): schema for schema in (Settings, Products, Shifts, Pools, Reworks, Stations, Tasks, Ramp)
}
"""Every table of a line by name, in the order in which a person would fill them in."""
