"""The tables of a chain, each declared once.

A chain is a handful of plain tables. This module is the only place that says which tables there are, what their
columns are called, what unit they are in and what a blank means. The docstring of a table says what one row is.
Ids are short readable strings, shares are fractions 0..1, dates are ISO, money is nominal US dollars.

Every row says where it comes from: `source` names fact rows (PL020;PR133) or a document, `confidence` says how far
to trust it. A row without a source is an assumption and is shown as one.
"""

from __future__ import annotations

import dataframely as dy

from cellroad.chain.column import (
    HTS_PATTERN,
    choice,
    choices,
    country,
    day,
    ident,
    money,
    number,
    ref,
    share,
    text,
    whole,
)

CONFIDENCE = ("verified", "reported", "unverified", "assumption")
STAGES = ("material", "component", "cell", "module", "pack", "system")
SITE_KINDS = (
    "mine", "refinery", "material", "component", "cell", "module", "pack", "system",
    "recycling", "port", "warehouse", "vendor", "market",
)  # fmt: skip
MODES = ("ocean", "rail", "truck", "air", "barge", "courier")
INCOTERMS = ("EXW", "FCA", "FAS", "FOB", "CFR", "CPT", "CIF", "CIP", "DAP", "DPU", "DDP")
DG_CLASSES = ("9", "8", "5.1", "4.3", "3")
TIER_KINDS = ("incremental", "all_units")
AIR_SOC_SHARE = 0.3
"""Highest state of charge of lithium cells and batteries by air (IATA DGR; facts TR01 and TR02)."""
NO_DG = "none"
"""What a lane says that takes no dangerous goods."""
TERMS = (
    "royalty", "service", "sourcing", "output", "production", "data", "maintenance", "know_how_withheld",
    "outright_purchase", "none",
)  # fmt: skip
"""What a licence or offtake can grant the licensor; `none`: read, and none of these."""
YES_NO = ("yes", "no")
CARBON_SCOPES = ("embodied", "process", "transport")
CLOCK_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d$"
CURRENCY_PATTERN = r"^([A-Z]{3})?$"
DEPRECIATION = ("straight", "macrs_3", "macrs_5", "macrs_7", "macrs_10", "macrs_15")
RISK_KINDS = (
    "demand", "transit", "lane_closure", "site_outage", "yield", "price", "freight", "duty", "listing", "certificate",
    "delay", "shutdown",
)  # fmt: skip
RISK_SHAPES = ("normal", "lognormal", "triangular", "uniform", "bernoulli", "poisson", "replay")
REGIMES = ("commercial", "defence", "tax_credit", "federal", "export")


class Table(dy.Schema):
    """What every table of a chain has beside its own columns: where each row comes from."""

    source = text("fact rows (PL020;PR133) or document behind this row; blank: ours", default="")
    confidence = choice(CONFIDENCE, "how far to trust the row", default="assumption")
    note = text("what a reader should know about the row", default="")


class Partners(Table):
    """An organisation, person, government or consortium."""

    partner = ident("id of the partner")
    name = text("full name")
    country = country("country of its seat", optional=True)
    kind = choice(("company", "joint_venture", "person", "government", "consortium"), "what it is", default="company")
    listed_on = text("exchange and ticker", default="")
    aliases = text("other names, separated by ';'", default="")


class Stakes(Table):
    """One partner holds an interest in another, for a time."""

    owner = ref("partners.partner", "who holds", key=True)
    owned = ref("partners.partner", "what is held", key=True)
    interest = choice(
        ("equity", "votes", "debt", "board", "licence", "offtake", "member"),
        "kind of interest", key=True,
    )  # fmt: skip
    share_min = share("least share it can be", default=0.0)
    share_max = share("largest share it can be", default=1.0)
    valid_from = day("first day of the interest", key=True)
    valid_to = day("last day of the interest; blank: still held", optional=True)
    terms = choices(
        TERMS,
        "what a licence or offtake grants, separated by ';'; blank: not known",
        default="",
    )
    term_years = number("years", "how long royalty or service is owed; blank: not known", optional=True, low=0)


class Reviews(Table):
    """Somebody looked: a partner is, or is not, an organisation, a list entry, or anyone on a list of the facts."""

    partner = ref("partners.partner", "who was looked at", key=True)
    against = text("id of an organisation, a list entry or a list of the facts", key=True)
    result = choice(("same", "different"), "same: it is; different: it is not, or is not on the list")
    day = day("day of the look; it holds from then on", key=True)


class Sites(Table):
    """A place where something is made, bought, kept, shipped through or sold."""

    site = ident("id of the site")
    name = text("what people call it")
    partner = ref("partners.partner", "who runs it", optional=True)
    kind = choice(SITE_KINDS, "what happens there")
    country = country("country it lies in")
    lat = number("degrees north", "latitude", optional=True, low=-90, high=90)
    lon = number("degrees east", "longitude", optional=True, low=-180, high=180)
    calendar = text(
        "working calendar: a country code, or 'none' for always open, and after it own closed days, as in "
        "CN;2027-07-05/2027-07-16; blank: its country", default="",
    )  # fmt: skip
    max_kg_per_month = number(
        "kg per month", "most that lanes bring, and most that they take away; blank: no limit", optional=True, low=0
    )
    max_dg_kg = number("kg", "most dangerous goods in stock when a period ends; blank: no limit", optional=True, low=0)
    max_dg_kwh = number("kWh", "likewise, by their energy content; blank: no limit", optional=True, low=0)
    storage_m3 = number("m3", "most room for stock, by volume_l of items; blank: no limit", optional=True, low=0)
    service_share = share("how surely a market is served from stock; blank: the setting service_level", optional=True)
    quoted_days = number("days", "that customers of a market wait for what they order, for safety stock", default=0.0,
                         low=0)  # fmt: skip


class Items(Table):
    """Something that is bought, made or sold. A cell of maker A is another item than one of maker B."""

    item = ident("id of the item")
    name = text("what people call it")
    stage = choice(STAGES, "step of the chain")
    unit = text("what one of it is", default="piece")
    kwh = number("kWh per unit", "energy content", default=0.0, low=0)
    mass_kg = number("kg per unit", "mass", default=0.0, low=0)
    hts = text("US tariff code, 4 to 10 digits with dots (8507.60.0020)", optional=True, pattern=HTS_PATTERN)
    origin = country("country of origin for customs; blank: where it is made or offered", optional=True)
    maker = ref("partners.partner", "whose design or make it is", optional=True)
    chemistry = text("chemistry id of the facts (lfp, nmc811, na_ion)", optional=True)
    pack_design = text("name of the pack design behind it", optional=True)
    dg_class = choice(DG_CLASSES, "dangerous-goods class; blank: general cargo", optional=True)
    value_usd = money("USD per unit", "book value for stock and customs; blank: cheapest way to get it", optional=True)
    volume_l = number("litres per unit", "volume, for energy density; blank: not known", optional=True, above=0)
    kg_co2e = number(
        "kg CO2e per unit",
        "emitted until it is handed over, where it is bought; blank: not known",
        optional=True,
        low=0,
    )
    credit_as = text("component that tax credits know it as (cell, module, none …); blank: by its stage", default="")
    shelf_months = number("months", "shelf life, from when it is made; blank: unlimited", optional=True, above=0)
    loss_per_month = number("share per month", "part of the stock that is lost in storage", default=0.0, low=0, below=1)
    scrap_usd = money(
        "USD per unit", "paid to get rid of one that has expired or has no use; negative: what it fetches", default=0.0,
        low=None,
    )  # fmt: skip
    soc_share = share("state of charge in which it is stored and shipped; blank: not known", optional=True)


class Processes(Table):
    """A way to make an item at a site. One run makes one unit before yield."""

    process = ident("id of the process")
    site = ref("sites.site", "where")
    item = ref("items.item", "what comes out")
    resource = ref("resources.resource", "line it occupies; blank: not limited", optional=True)
    hours_per_unit = number("resource hours per run", "time it occupies the line", default=0.0, low=0)
    cost_usd = money("USD per run", "conversion cost: labour, energy, consumables", default=0.0)
    yield_share = number("share 0..1", "good units per run", default=1.0, above=0, high=1)
    kg_co2e = number(
        "kg CO2e per run", "emitted by the work itself, energy included; blank: not known", optional=True, low=0
    )
    lead_days = number("days", "from all inputs to goods ready, for safety stock; a plan counts periods", default=0.0,
                       low=0)  # fmt: skip
    lead_spread_days = number("days", "standard deviation of that", default=0.0, low=0)


class Bom(Table):
    """An input of a process."""

    process = ref("processes.process", "process that consumes", key=True)
    item = ref("items.item", "what it consumes", key=True)
    quantity = number("units per run", "quantity in one run, without scrap", above=0)
    scrap_share = number("share 0..1", "part of the input that is lost", default=0.0, low=0, below=1)


class Resources(Table):
    """A line or another capacity at a site."""

    resource = ident("id of the resource")
    site = ref("sites.site", "where it stands")
    name = text("what people call it", default="")
    partner = ref("partners.partner", "who makes things on it; blank: who runs the site", optional=True)
    hours_per_month = number("hours per month", "capacity when fully ramped", low=0)
    ramp = ref("ramps.ramp", "ramp by age; blank: full from the first day", optional=True)
    since = day("start of production; blank: fully ramped", optional=True)
    status = choice(
        ("operating", "option", "closed"), "option: it exists only once an option is taken",
        default="operating",
    )  # fmt: skip
    fixed_usd_per_month = money("USD per month", "fixed cost while it operates", default=0.0)
    max_use_share = share("most of its hours that may be used", default=1.0)
    min_use_share = share("least of these hours that must be used in every period in which it operates", default=0.0)
    min_run_share = share("least of these hours that are used in a period in which it is used at all", default=0.0)
    automation_share = share("automated part of the work", optional=True)


class Ramps(Table):
    """Capacity and yield of a resource by month since its start; held at the last row after that."""

    ramp = text("id of the ramp", key=True)
    month = whole("months since start", "age", key=True)
    capacity_share = share("part of full capacity")
    yield_share = number("share 0..1", "factor on the yield of its processes", default=1.0, above=0, high=1)


class Options(Table):
    """An investment that may be made within a window, once or several times."""

    option = ident("id of the option")
    resource = ref("resources.resource", "what it brings into operation")
    name = text("what people call it", default="")
    earliest = day("first day on which it may be decided")
    latest = day("last day on which it may be decided")
    build_months = whole("months", "from decision to start of production", default=0)
    delay_months = number(
        "months", "how much longer it takes if it is held up (permits, local resistance)", default=0.0, low=0
    )
    delay_probability = share("chance that it is held up so", default=0.0)
    hours_per_month = number(
        "hours per month", "capacity that it brings; blank: that of the resource", optional=True, low=0
    )
    fixed_usd_per_month = money("USD per month", "fixed cost that it adds; blank: that of the resource", optional=True)
    times = whole("times", "how often it may be taken", default=1, low=1)
    capex_usd = money("USD", "investment", default=0.0)
    spend_profile = text("shares of capex over the building time, separated by ';'; blank: even", default="")
    life_years = number("years", "life for the straight-line value at the horizon", default=10.0, above=0)
    depreciation = choice(
        DEPRECIATION, "how tax writes it off: evenly over its life, or by a class of MACRS", default="straight"
    )
    requires = ref(
        "options.option",
        "options that must be in operation first, separated by ';'",
        optional=True,
        many=True,
    )
    requires_any = ref(
        "options.option", "options of which one must be in operation first, separated by ';'", optional=True, many=True
    )
    replaces = ref("closures.closure", "closure that must be done first", optional=True)
    excludes = ref(
        "options.option", "options that may not be taken beside it, separated by ';'", optional=True, many=True
    )
    one_of = text("group of which at most one is taken; blank: none", default="")
    funded_by = ref("partners.partner", "who pays", optional=True)


class Closures(Table):
    """An end that may be put, within a window, to whatever of a resource is in operation then."""

    closure = ident("id of the closure")
    resource = ref("resources.resource", "what it closes")
    name = text("what people call it", default="")
    earliest = day("first day on which it may be decided")
    latest = day("last day on which it may be decided")
    notice_months = whole("months", "from decision to the end of production", default=0)
    cost_usd = money("USD", "what closing costs: severance, clearing, contracts to end", default=0.0)
    value_usd = money("USD", "what is recovered by it", default=0.0)
    recovered_share = share("recovered part of the straight-line value of what options have built there", default=0.0)


class Budgets(Table):
    """The most that may be invested in options in a calendar year."""

    budget = ident("id of the budget")
    partner = ref("partners.partner", "whose options: those that it funds; blank: all options", optional=True)
    year = whole("year", "calendar year in which the money is spent")
    capex_usd = money("USD", "most that may be spent in that year")


class Offers(Table):
    """A price at which a site sells an item, for a time. Give a price, or an index with factor and adder."""

    offer = ident("id of the offer")
    site = ref("sites.site", "where it is handed over")
    item = ref("items.item", "what is sold")
    price_usd = money("USD per unit", "price", optional=True)
    index = ref("indices.index", "market index that the price follows", optional=True)
    index_factor = number("index units per unit", "how much of the index is in one unit", default=1.0, low=0)
    adder_usd = money("USD per unit", "added to the indexed price", default=0.0, low=None)
    floor_usd = money("USD per unit", "least that the indexed price falls to; blank: no limit", optional=True)
    cap_usd = money("USD per unit", "most that the indexed price rises to; blank: no limit", optional=True)
    lag_months = whole("months", "how much later than the index the price moves", default=0, high=600)
    tier_kind = choice(
        TIER_KINDS, "the price of a tier holds for what exceeds its threshold, or for all units once it is reached",
        default="incremental",
    )  # fmt: skip
    tier_per = choice(
        ("year", "period"), "tiers count what is bought in a calendar year or in a period", default="year"
    )
    valid_from = day("first day of the price")
    valid_to = day("last day of the price; blank: open", optional=True)
    moq = number("units per order", "least order in a period, if one is placed", default=0.0, low=0)
    max_per_month = number("units per month", "most that can be had; blank: no limit", optional=True, low=0)
    lead_days = whole("days", "from order to goods ready at the site, working through shutdowns", default=0)
    lead_spread_days = number("days", "standard deviation of that, for safety stock", default=0.0, low=0)
    incoterm = choice(INCOTERMS, "Incoterms 2020 rule", default="FOB")
    currency = text("currency of its prices; blank: US dollars", default="", pattern=CURRENCY_PATTERN)
    payment_days = whole("days", "from handover to payment", default=0)
    margin_share = share("part of the price that the partner of the site keeps as profit; the chain counts it too",
                         default=0.0)  # fmt: skip
    kg_co2e = number("kg CO2e per unit", "emitted until it is handed over; blank: as the item", optional=True, low=0)


class Tiers(Table):
    """A lower or higher price of an offer from a quantity on; below the first one the price of the offer holds."""

    offer = ref("offers.offer", "offer that it belongs to", key=True)
    from_quantity = number("units", "quantity in a year or period from which it holds", key=True, above=0)
    price_usd = money("USD per unit", "price from there on; blank: discount_share", optional=True)
    discount_share = number("share of the price", "off the price of the offer; negative: dearer", optional=True, high=1)


class Contracts(Table):
    """A commitment to buy under an offer. Quantities are for whole years; of part of a year they are that part."""

    contract = ident("id of the contract")
    offer = ref("offers.offer", "offer that it commits to")
    status = choice(("signed", "open"), "signed: it binds already; open: the plan decides", default="open")
    required = choice(("yes", "no"), "whether the offer can only be used under a contract on it", default="no")
    min_per_year = number("units per year", "least that must be taken", default=0.0, low=0)
    max_per_year = number("units per year", "most that may be taken; blank: no limit", optional=True, low=0)
    years = choice(
        ("calendar", "contract"), "how its years are counted: from January, or from its start", default="calendar"
    )
    take_or_pay_share = share(
        "part of the minimum that may be paid instead of taken; the rest has to be taken", default=1.0
    )
    make_up_years = whole(
        "years",
        "for how long what was paid and not taken may be taken later, beyond the minimum of that year",
        default=0,
    )
    prepaid_share = share("part of the value of the minimum that is paid at signing", default=0.0)
    credit_share = share(
        "part of each invoice that is settled from the prepayment; blank: prepaid_share", optional=True
    )
    signs_by = day("last day to sign, and then the day on which it is signed; blank: its start", optional=True)
    valid_from = day("first day of the term; blank: that of the offer", optional=True)
    valid_to = day("last day of the term; blank: after term_years, else that of the offer", optional=True)
    term_years = number("years", "length of the term; blank: to valid_to", optional=True, above=0)
    one_of = text("group of which at most one is signed; blank: none", default="")


class Transfers(Table):
    """A price at which one partner passes goods on to another inside the chain.

    Give a price, or an index with factor and adder; with neither it is the standard cost at the origin with a markup.
    What no row covers is passed on at the standard cost.
    """

    transfer = ident("id of the price")
    seller = text("partner or site that passes on")
    buyer = text("partner or site that takes over")
    item = ref("items.item", "what is passed on; blank: everything", optional=True)
    price_usd = money("USD per unit", "price", optional=True)
    index = ref("indices.index", "market index that the price follows", optional=True)
    index_factor = number("index units per unit", "how much of the index is in one unit", default=1.0, low=0)
    adder_usd = money("USD per unit", "added to the indexed price or the standard cost", default=0.0, low=None)
    markup_share = number("share of standard cost", "profit on the standard cost, where that is the price", default=0.0,
                          low=-1)  # fmt: skip
    valid_from = day("first day of the price; blank: always", optional=True)
    valid_to = day("last day of the price; blank: open", optional=True)
    currency = text("currency of its price; blank: US dollars", default="", pattern=CURRENCY_PATTERN)
    payment_days = whole("days", "from departure to payment", default=0)


class Taxes(Table):
    """A tax on the profit of a partner, or of all with their seat in a country."""

    payer = text("partner, or country code of its seat", key=True)
    valid_from = day("first day of the rate", key=True)
    rate_share = share("part of the profit that is paid")
    loss_share = share("part of a year's profit that losses of earlier years may offset", default=1.0)


class Sourcing(Table):
    """A limit on where purchases come from: exclusivity, a second source, a domestic share, what a supplier can give.

    Without partner, country and seller it holds for each partner; with a contract, while that is signed, and then for
    its own offer. A partner is the maker of an item, or who sells it where the item names none.
    """

    rule = ident("id of the rule")
    item = ref("items.item", "item that it looks at; blank: all", optional=True)
    stage = choice(STAGES, "stage that it looks at; blank: all", optional=True)
    chemistry = text("chemistry that it looks at; blank: all", default="")
    site = ref("sites.site", "looks at what the runs at this site take in; blank: at purchases", optional=True)
    partner = ref("partners.partner", "source: maker or seller; blank: any", optional=True)
    country = country("source: country of origin; blank: any", optional=True)
    seller = ref("sites.site", "source: site of the offer; blank: any", optional=True)
    contract = ref("contracts.contract", "holds only while it is signed; blank: always", optional=True)
    min_share = share("least part of a year that comes from the source; blank: none", optional=True)
    max_share = share("largest part of a year that comes from the source; blank: all", optional=True)
    min_sources = whole(
        "sources", "number of sources of which each has min_share; blank: no rule", optional=True, low=1
    )
    min_per_year = number("per year", "least from the source, in the measure; blank: none", optional=True, low=0)
    max_per_year = number("per year", "most from the source, in the measure; blank: no limit", optional=True, low=0)
    measure = choice(("units", "kwh", "usd"), "what is counted; usd: at the price of the offer", default="units")
    valid_from = day("first day of the rule; blank: always", optional=True)
    valid_to = day("last day of the rule; blank: open", optional=True)


class Drawbacks(Table):
    """A country that pays duty back when imported goods, or what holds them, are exported again."""

    country = country("country that pays it back", key=True)
    refund_share = share("part of the duty that is paid back", default=0.99)
    years = number("years", "time from entry to export", default=5.0, low=0)


class Currencies(Table):
    """What a currency is worth in a month; held from the last known month."""

    currency = text("currency (CNY)", key=True, pattern=r"^[A-Z]{3}$")
    month = day("first day of the month", key=True)
    usd = number("USD per unit of it", "rate in that month", above=0)


class Indices(Table):
    """A market price by month; held from the last known month."""

    index = text("id of the index", key=True)
    month = day("first day of the month", key=True)
    value = number("as the index says", "value in that month", low=0)


class Lanes(Table):
    """A way to move things between two sites, door to door."""

    lane = ident("id of the lane")
    origin = ref("sites.site", "from")
    destination = ref("sites.site", "to")
    mode = choice(MODES, "how")
    transit_low_days = number("days", "fast, door to door with customs; blank: as likely", optional=True, low=0)
    transit_days = number("days", "likely, door to door with customs", low=0)
    transit_high_days = number("days", "slow, door to door with customs; blank: as likely", optional=True, low=0)
    transit_months = whole("months", "whole months of the calendar before the days of transit", default=0)
    cost_usd = money("USD per cost_per", "freight")
    cost_per = choice(("kg", "container", "unit", "kwh"), "what the freight is charged for", default="kg")
    container_kg = number("kg per container", "payload of one container", default=18000.0, above=0)
    dg_class = text("dangerous-goods classes it accepts, separated by ';', or 'none'", default="9")
    dg_usd = money("USD per container", "surcharge for dangerous goods", default=0.0)
    max_per_month = number("units per month", "most of all its items together; blank: no limit", optional=True, low=0)
    container_l = number("litres per container", "room in one; blank: filled by mass alone", optional=True, above=0)
    whole_containers = choice(
        YES_NO, "yes: every container that is started in a period is paid for as a whole", default="no"
    )
    dg_apart = choice(YES_NO, "yes: dangerous goods share no container with general cargo", default="no")
    max_kg_per_month = number("kg per month", "most that it takes; blank: no limit", optional=True, low=0)
    max_dg_kg_per_month = number("kg per month", "most dangerous goods; blank: no limit", optional=True, low=0)
    max_containers_per_month = number("containers per month", "most; blank: no limit", optional=True, low=0)
    min_shipment_kg = number("kg", "least that is sent in a period, if anything is", default=0.0, low=0)
    shipment_usd = money("USD per shipment", "fixed cost of a period in which anything is sent", default=0.0)
    distance_km = number(
        "km", "way of the goods; blank: great circle, where both sites have a place", optional=True, low=0
    )
    g_co2e_per_tkm = number("g CO2e per t km", "emitted; blank: the usual of its mode", optional=True, low=0)
    every_weeks = whole(
        "weeks", "sails so often, first on the first day of the plan; blank: any day", optional=True, low=1
    )
    kg_co2e_per_kg = number("kg CO2e per kg", "emitted over the whole lane; blank: by distance", optional=True, low=0)
    max_soc_share = share(
        "highest state of charge that it takes; blank: 0.3 for class 9 by air (IATA DGR, fact TR01), else no limit",
        optional=True,
    )


class Seasons(Table):
    """A time of year in which what leaves is longer under way; days of seasons that overlap add up.

    Give dates, or a country around whose shutdowns ports and customs are slow.
    """

    season = ident("id of the season")
    lane = ref("lanes.lane", "lane that is slow; blank: every one that the rest of the row is about", optional=True)
    mode = choice(MODES, "mode that is slow; blank: any", optional=True)
    country = country("lanes from, to or within this country; blank: any", optional=True)
    event = text("shutdown of the calendar of the country (Chinese New Year …); blank: each", default="")
    valid_from = day("first day of departure; blank: around the shutdowns of the country", optional=True)
    valid_to = day("last day of departure; blank with valid_from: open", optional=True)
    days_before = whole("days", "before the first day of a shutdown", default=0)
    days_after = whole("days", "after the last day of a shutdown", default=0)
    extra_days = whole("days", "longer under way")


class Carbon(Table):
    """A price of emissions or a limit on them. Prices add up; every limit binds."""

    carbon = ident("id of the price or limit")
    year = whole("year", "calendar year; blank: every year", optional=True)
    scope = choice(
        ("all", *CARBON_SCOPES), "what counts: what was emitted for goods that are bought, by processes, on lanes",
        default="all",
    )  # fmt: skip
    usd_per_t = money("USD per t CO2e", "price", default=0.0)
    max_t = number("t CO2e", "most in the year; blank: no limit", optional=True, low=0)
    max_kg_per_kwh = number(
        "kg CO2e per kWh", "most in the year for each kWh that is sold in it; blank: no limit", optional=True, low=0
    )
    over = choice(("year", "horizon"), "limits hold for each year, or for the whole horizon", default="year")


class Demand(Table):
    """What a market wants in a month."""

    market = ref("sites.site", "where", key=True)
    want = text("what is wanted", key=True)
    segment = text("kind of customer", default="commercial", key=True)
    month = day("first day of the month", key=True)
    quantity = number("wants per month", "how many", low=0)
    price_usd = money("USD per want", "what the customer pays")
    short_usd = money("USD per want", "penalty for each one not served, beside the lost price", default=0.0)
    currency = text("currency of price and penalty; blank: US dollars", default="", pattern=CURRENCY_PATTERN)
    late_months = number("months", "how much later it may be served; after that it is lost", default=0.0, low=0)
    late_usd = money("USD per want and month", "allowed to the customer for each month that it is late", default=0.0)
    late_share = share("part of what is wanted that may be served late", default=1.0)


class Wants(Table):
    """An item that satisfies a want."""

    want = text("what is wanted", key=True)
    item = ref("items.item", "item that satisfies it", key=True)
    quantity = number("units per want", "how many units serve one want", default=1.0, above=0)
    price_adder_usd = money("USD per want", "more or less that the customer pays for it", default=0.0, low=None)


class Segments(Table):
    """A kind of customer and the rules that bind it."""

    segment = ident("id of the segment")
    name = text("what people call it", default="")
    regime = choice(REGIMES, "which rules bind its purchases", default="commercial")
    programme = choice(
        ("new", "standard", "existing"), "defence: what its purchases belong to; blank: not known", optional=True
    )
    passes_on = share("part of the buyer's tax credit that raises the price he pays", default=0.0)
    payment_days = whole("days", "from sale to payment", default=0)


class Stocks(Table):
    """What is on hand at a site at the start, and what holding costs there."""

    site = ref("sites.site", "where", key=True)
    item = ref("items.item", "what", key=True)
    on_hand = number("units", "stock at the start of the horizon", default=0.0, low=0)
    holding_share_per_year = share("storage, insurance, ageing as a share of value; blank: the setting", optional=True)
    shelf_months = number(
        "months", "shelf life here, from when it is made; blank: as the item says", optional=True, above=0
    )
    max_on_hand = number("units", "most that may be in stock when a period ends; blank: no limit", optional=True, low=0)
    age_months = number("months", "age of what is on hand at the start", default=0.0, low=0)
    min_units = number("units", "least stock at the end of a period (safety stock)", default=0.0, low=0)
    min_days = number("days", "least stock in days of what leaves or is used here after it", default=0.0, low=0)
    min_from = day("day from which the least stock is asked for; blank: from the start", optional=True)
    below_usd = money(
        "USD per unit and month", "price of stock below the least; blank: the standard cost of a unit", optional=True
    )


class Pipeline(Table):
    """Goods that arrive whatever is decided: under way at the start, ordered for good, or sold before and coming back.

    Nothing more is paid for them than `due_usd`: price, freight and duty that are still open go in there.
    """

    arrival = ident("id of the arrival")
    site = ref("sites.site", "where it arrives")
    item = ref("items.item", "what arrives")
    arrives = day("day of arrival; what comes after the horizon does not count")
    quantity = number("units", "how many", low=0)
    due_usd = money("USD per unit", "still to be paid on arrival", default=0.0)
    age_months = number("months", "age on arrival", default=0.0, low=0)
    lane = ref("lanes.lane", "lane on which it comes; told only", optional=True)


class Quotes(Table):
    """What a vendor has offered in answer to a request: not yet a price that the plan may buy at."""

    quote = ident("id of the quote")
    request = text("request that it answers", default="")
    site = ref("sites.site", "site of the vendor where it is handed over")
    item = ref("items.item", "what is quoted")
    price_usd = money("USD per unit", "price")
    currency = text("currency of the price; blank: US dollars", default="", pattern=CURRENCY_PATTERN)
    incoterm = choice(INCOTERMS, "Incoterms 2020 rule", default="FOB")
    moq = number("units per order", "least order", default=0.0, low=0)
    max_per_month = number("units per month", "most that can be had; blank: no limit", optional=True, low=0)
    lead_days = whole("days", "from order to goods ready at the site, working through shutdowns", default=0)
    deposit_share = share("part of the price that is paid with the order", default=0.0)
    payment_days = whole("days", "from handover to payment of the rest", default=0)
    usable_share = share("part of the nominal energy that may be used", default=1.0)
    standards = text("standards for which the vendor shows a certificate, separated by ';'", default="")
    valid_from = day("day of the quote")
    valid_to = day("last day on which it can be accepted; blank: open", optional=True)
    status = choice(("open", "awarded", "declined"), "what became of it", default="open")


class Orders(Table):
    """An order that was placed with a vendor. What is open arrives whatever is decided, like a row of pipeline."""

    order = ident("id of the order")
    site = ref("sites.site", "site of the vendor")
    item = ref("items.item", "what was ordered")
    destination = ref("sites.site", "where it arrives")
    lane = ref("lanes.lane", "lane on which it comes; told only", optional=True)
    quantity = number("units", "how many", above=0)
    price_usd = money("USD per unit", "price", optional=True)
    currency = text("currency of the price; blank: US dollars", default="", pattern=CURRENCY_PATTERN)
    due_usd = money("USD per unit", "still to be paid on arrival", default=0.0)
    ordered = day("day of the order")
    promised = day("day on the dock that the vendor has confirmed")
    expected = day("day on the dock as it is known now; blank: as promised", optional=True)
    received = day("day on which it came; blank: it is open", optional=True)
    received_quantity = number("units", "how many came; blank: all", optional=True, low=0)
    rejected = number("units", "of them not fit for use", default=0.0, low=0)
    status = choice(("placed", "cancelled"), "cancelled: it will not come", default="placed")


class Coproducts(Table):
    """What else comes out of a run of a process, beside its item."""

    process = ref("processes.process", "process that gives it", key=True)
    item = ref("items.item", "what comes out too", key=True)
    quantity = number("units per run", "good units in one run", above=0)
    cost_share = share("part of the cost of a run that it carries", default=0.0)


class Substitutes(Table):
    """An item that may stand in for an input of a process, for a time.

    Only for what carries no provenance: another cell makes another pack, and is a process of its own.
    """

    process = ref("processes.process", "process that consumes", key=True)
    instead_of = ref("items.item", "input that it replaces", key=True)
    item = ref("items.item", "what stands in", key=True)
    ratio = number("units per unit", "how many stand in for one of the input", default=1.0, above=0)
    most_share = share("largest part of the input that it may replace in a period", default=1.0)
    cost_usd = money("USD per unit replaced", "extra cost of working with it", default=0.0)
    valid_from = day("first day; blank: always", optional=True)
    valid_to = day("last day; blank: open", optional=True)


class Returns(Table):
    """What is sold at a market comes back after a time, as an item of its own."""

    market = ref("sites.site", "where it was sold", key=True)
    item = ref("items.item", "what was sold", key=True)
    returned = ref("items.item", "what it comes back as", key=True)
    site = ref("sites.site", "where it arrives", key=True)
    after_months = number("months", "from the sale to its arrival", low=0)
    return_share = share("part of what was sold that comes back this way")
    cost_usd = money("USD per unit", "paid for each that comes back: price, collection", default=0.0, low=None)


class Certificates(Table):
    """What must be proven before an item may be sold."""

    item = ref("items.item", "what is certified", key=True)
    standard = text("standard, such as UL 1973", key=True)
    cell = ref(
        "items.item", "cells or other inputs that it is for, separated by ';'; blank: the item whatever it is made of",
        key=True, many=True, default="",
    )  # fmt: skip
    status = choice(
        ("valid", "planned", "lapsed"),
        "planned: a campaign must be run before the first sale",
        default="planned",
    )
    weeks = number("weeks", "length of the campaign", default=0.0, low=0)
    cost_usd = money("USD", "cost of the campaign", default=0.0)
    earliest = day("first day on which the campaign may start; blank: start of the horizon", optional=True)
    valid_to = day("last day of validity; blank: open", optional=True)
    valid_months = whole(
        "months", "how long a campaign holds; it may be run again. Blank: one campaign is enough", optional=True, low=1
    )
    lab = ref("labs.lab", "lab that runs the campaign; blank: any", optional=True)


class Labs(Table):
    """A lab that runs campaigns, so many at a time."""

    lab = ident("id of the lab")
    name = text("what people call it", default="")
    at_once = whole("campaigns", "most campaigns at a time", default=1, low=1)


class Milestones(Table):
    """Dated work with predecessors."""

    milestone = ident("id of the milestone")
    name = text("what people call it", default="")
    partner = ref("partners.partner", "who does it", optional=True)
    days = number("working days", "how long it takes, likely", default=0.0, low=0)
    low_days = number("working days", "at best; blank: as likely", optional=True, low=0)
    high_days = number("working days", "at worst; blank: as likely", optional=True, low=0)
    after = ref("milestones.milestone", "milestones before it, separated by ';'", optional=True, many=True)
    starts = day("earliest day; blank: start of the horizon", optional=True)
    calendar = text("working calendar; blank: always", default="")


class People(Table):
    """Somebody who meets others, with hours by the clock of the place."""

    person = ident("id of the person, or what the person does")
    name = text("what people call it", default="")
    partner = ref("partners.partner", "whom the person works for", optional=True)
    zone = text("time zone by its IANA name: America/Los_Angeles, Asia/Shanghai")
    calendar = text("working calendar; blank: always", default="")
    begins = text("begin of working hours, written 09:00", default="09:00", pattern=CLOCK_PATTERN)
    ends = text("end of working hours", default="18:00", pattern=CLOCK_PATTERN)
    earliest = text("nobody asks before", default="06:00", pattern=CLOCK_PATTERN)
    latest = text("nobody asks after", default="23:00", pattern=CLOCK_PATTERN)


class Absences(Table):
    """Days on which somebody cannot meet, or nobody: a trade fair, a journey, a company's own holiday."""

    absence = ident("id of the absence")
    name = text("what it is", default="")
    person = ref("people.person", "who is away; blank: everybody", optional=True)
    first_day = day("first day")
    last_day = day("last day")


class Surcharges(Table):
    """A duty that is supposed beside the law as it is: nothing, unless its share is set, as a scenario may do."""

    surcharge = ident("id of the surcharge")
    importer = text("country that levies it; blank: any", default="")
    origin = text("country of origin that it is levied on; blank: any but the importer", default="")
    hts = text("first digits of the tariff codes that it is levied on; blank: all", default="")
    add_share = number(
        "share of the customs value", "what it adds to the duty; negative: what it takes off", default=0.0, low=-1
    )
    valid_from = day("first day of entry; blank: from the start", optional=True)
    valid_to = day("last day of entry; blank: to the end", optional=True)


class Incentives(Table):
    """Money for what is made that is supposed beside the law: nothing, unless its part is set, as a scenario may do."""

    incentive = ident("id of the incentive")
    item = ref("items.item", "what it is paid for, by the good unit that is sold in its time", key=True)
    country = text("country in which it must be made; blank: any", default="")
    usd_per_kwh = money("USD per kWh", "what it pays in full")
    paid_share = share("part of it that is paid", default=0.0)
    valid_from = day("first day of the sales that earn it", key=True)
    valid_to = day("last day of the sales that earn it; blank: to the end", optional=True)


class Scenarios(Table):
    """A node of the scenario tree."""

    scenario = ident("id of the scenario")
    name = text("what people call it", default="")
    parent = ref("scenarios.scenario", "node before it; blank: the base chain", optional=True)
    probability = share("probability given its parent", default=1.0)
    valid_from = day("day from which it is known; blank: start", optional=True)


class Changes(Table):
    """What a scenario changes: one cell of the chain, a whole row, or a column of every row."""

    scenario = ref("scenarios.scenario", "scenario that it belongs to", key=True)
    table = text("table that changes", key=True)
    key = text("key of the row, parts joined by '|'; '*' for every row", key=True)
    column = text("column that changes; blank with 'drop'", default="", key=True)
    operation = choice(("set", "multiply", "add", "drop"), "how", default="set")
    value = text("new value, factor or difference", default="")


class Risks(Table):
    """Something uncertain. What is drawn is a factor on what is planned, days of a transit, or an event.

    demand, yield, price, freight: a factor; transit: days longer; lane_closure, site_outage, listing, duty,
    certificate: an event, at any time (poisson) or once (bernoulli); delay, certificate: months later; shutdown: days
    longer.
    """

    risk = ident("id of the risk")
    kind = choice(
        RISK_KINDS,
        "what it touches; delay: what is built (an option, or all options at a site) is ready later; shutdown: the "
        "shutdowns of a country or site last longer; listing: a partner comes on a list that bars it",
    )
    target = text(
        "id of what it touches: market, want or segment; process, resource, item, site; index, offer; lane, mode; "
        "partner; option; country; '*' for all", default="*",
    )  # fmt: skip
    distribution = choice(RISK_SHAPES, "shape; replay: history again, from a month of it by chance, over its mean")
    parameters = text(
        "normal and lognormal: mean;deviation; uniform: low;high; triangular: low;likely;high (of a transit, blank: "
        "those of the lane); bernoulli: probability; replay: a series of the price facts; poisson: coefficient of "
        "variation of its length, blank: none", default="",
    )  # fmt: skip
    per_year = number("events per year", "how often an event comes at any time", default=0.0, low=0, high=12)
    duration_days = number("days", "how long an event lasts; 0 of a stress test: for good", default=0.0, low=0)
    every = choice(
        ("once", "year", "month", "week", "day"), "how often a factor or a transit is drawn anew", default="month"
    )
    persistence = share("correlation of a factor with the one before it", default=0.0)
    exposure = number("share", "how much of a factor reaches what it touches (0.4 of a price: four tenths of it move)",
                      default=1.0, low=0)  # fmt: skip
    left_share = share("part that works on during an event", default=0.0)
    add_share = number("share of the customs value", "duty: what it adds while it lasts", default=0.0, low=-1)
    valid_from = day("first day on which an event may start; blank: from the start", optional=True)
    valid_to = day("last day on which an event may start; blank: to the end", optional=True)
    correlates = text("risks that it moves with, and how strongly: freight-rates:0.5;demand-golf:-0.2", default="")


class Settings(Table):
    """A setting of the plan; the names and their meaning are listed in `settings`."""

    name = ident("name of the setting")
    value = text("its value; blank: the default of the setting", default="")


TABLES: dict[str, type[Table]] = {
    schema.__name__.lower(): schema
    for schema in (
        Settings, Partners, Stakes, Reviews, Sites, Items, Processes, Bom, Resources, Ramps, Options, Closures,
        Budgets, Offers, Tiers, Contracts, Sourcing, Transfers, Taxes, Drawbacks, Currencies, Indices, Lanes, Seasons,
        Carbon, Segments, Wants, Demand, Stocks, Pipeline, Quotes, Orders, Coproducts, Substitutes, Returns,
        Certificates, Labs, Milestones, People, Absences, Surcharges, Incentives, Scenarios, Changes, Risks,
    )
}  # fmt: skip
"""Every table of a chain by name, in the order in which a person would fill them in."""

PROVENANCE = tuple(Table.column_names())


def own_columns(schema: type[dy.Schema]) -> dict[str, dy.Column]:
    """Return the columns of a table in reading order: its own first, where a row comes from last."""
    columns = schema.columns()
    own = [name for name in columns if name not in PROVENANCE]
    return {name: columns[name] for name in (*own, *(name for name in PROVENANCE if name in columns))}


def key_of(schema: type[dy.Schema]) -> list[str]:
    """Return the key columns of a table."""
    return schema.primary_key()
