# ruff: noqa: N815
"""The fact tables that ship with the package, each declared once like the tables of a chain.

What the world says and a chain does not: duties, credits, bans, plants, organisations, prices, cells, packs, lanes,
holidays, fees, and the sources behind them. The first column of a table is its id (TR023, PL020, LN01); every row
names its source and how far to trust it. Rules and holdings carry two times: when they hold (`valid_from` to
`valid_to`) and since when that is known (`known_from`, `end_known_from`). A blank text is "", any other blank null.
"""

from __future__ import annotations

import dataframely as dy

from cellroad.chain.column import choice, choices, day, ident, number, ref, share, text, whole

STATES = ("in force", "void", "contested", "pending", "unknown", "not listed")
RATE_TYPES = ("base", "base_special", "floor", "add", "deposit", "exempt", "note", "total")


def words(meaning: str) -> dy.String:
    """Return a free-text column in which a blank means nothing is said."""
    return text(meaning, default="")


def amount(unit: str, meaning: str) -> dy.Float64:
    """Return a number that may be unknown."""
    return number(unit, meaning, optional=True)


def count(unit: str, meaning: str) -> dy.Int64:
    """Return a whole number that may be unknown."""
    return whole(unit, meaning, optional=True)


class Fact(dy.Schema):
    """What every fact has beside its own columns: where it comes from."""

    notes = words("what a reader should know about the row")
    source_id = ref("sources.source_id", "source of the row")
    confidence = choice(
        ("verified", "reported", "unverified"),
        "verified: official text or sources that agree; reported: one source; unverified: from memory",
    )


class Dated(Fact):
    """A fact with two times: when it holds, and since when that is known."""

    valid_from = day("first day on which it holds; blank: not set", optional=True)
    valid_to = day("last day on which it holds; blank: open", optional=True)
    known_from = day("day since which it is known; blank: since it holds", optional=True)
    end_known_from = day("day since which its end is known; blank: from the start", optional=True)


class Tariffs(Dated):
    """A layer of duty: one rule, for some origins and codes, over some entry dates."""

    rule_id = ident("id of the rule")
    importer = text("country of entry")
    origin = text("countries or country groups of origin, separated by ';'; ALL: every one")
    hts = text("tariff codes or their first digits, separated by ';'; ALL: every code")
    product = words("what the rule calls the goods")
    program = text("program; within one the most specific rule holds")
    ch99_heading = words("heading under which it is declared")
    rate_type = choice(
        RATE_TYPES,
        "base: column 1; base_special: column 1 when claimed; floor: tops column 1 up to the rate; "
        "add, deposit: on top; exempt: lifts its program; note, total: not a layer",
    )
    rate_pct = amount("percent of customs value", "rate; blank: not known")
    state = choice(STATES, "what became of the rule")
    state_known_from = day("day since which the state is known; in force before; blank: from the start", optional=True)
    claim = words("preference that must be claimed for the rule to hold")
    transit_loaded_before = day("goods loaded before this day may be relieved", optional=True)
    transit_entered_before = day("relieved if they also entered before this day; blank: no limit", optional=True)
    date_basis = words("date that decides")
    excluded_by = words("what takes goods out of the rule")
    status = words("status in the words of the source")
    authority = words("legal act")


class Groups(Fact):
    """A country belongs to a customs union."""

    member_id = ident("id of the membership")
    group = text("customs union")
    country = text("member")


class Fees(Dated):
    """A user fee of customs on an entry."""

    fee_id = ident("id of the fee")
    importer = text("country of entry")
    fee = choice(("MPF", "HMF"), "merchandise processing fee or harbor maintenance fee")
    mode = text("mode of arrival that pays it; ALL: every one")
    rate_pct = number("percent of customs value", "rate", low=0)
    min_usd = amount("USD per entry", "least fee; blank: none")
    max_usd = amount("USD per entry", "largest fee; blank: none")
    name = words("name")
    authority = words("legal act")


class Incentives(Dated):
    """A credit, a threshold or a rebate."""

    incentive_id = ident("id of the incentive")
    jurisdiction = text("who grants it")
    program = text("program")
    legal_ref = words("legal act")
    subject = words("what it is for")
    component = words("component of the credits that it belongs to; blank: none")
    part = words("part of the component that the value is about; blank: all of it")
    metric = text("what the value is: rate, threshold, phase_factor, rule …")
    value = amount("as `unit` says", "value")
    value_text = words("value where it is not a number")
    unit = words("unit of the value")
    date_basis = words("date that decides")
    condition = words("what must hold")
    excludes = words("what is left out")


class Credits(Dated):
    """A tax credit that a program can decide: for which component, who may claim it, what its materials must be.

    Rates, phase factors and thresholds stand in `incentives` under the same program and component.
    """

    credit_id = ident("id of the credit")
    program = text("program of the incentives that hold its rates")
    component = text("component of the incentives that hold its rates")
    name = text("what people call it")
    jurisdiction = text("country that grants it, and where the component must be made", pattern=r"^[A-Z]{2}$")
    legal_ref = words("legal act")
    claimant = choice(("maker", "buyer"), "who claims it: who makes the component, or who buys the system")
    stages = words("stages of the items that are this component, separated by ';'; blank: only items that say so")
    basis = choice(("energy", "cost"), "what the rate counts: USD per kWh, or percent of cost")
    min_kwh = number("kWh per unit", "least energy of a unit", optional=True, low=0)
    min_wh_per_l = number("Wh per litre", "least energy density", optional=True, low=0)
    max_hours = number("kWh per kW", "most capacity per power that counts", optional=True, low=0)
    unrelated_sale = choice(("yes", "no"), "whether it must be sold to an unrelated person", default="no")
    claimant_regime = words("regime whose persons may not claim it; blank: none")
    material_regime = words("regime whose persons' materials count against it; blank: none")
    ratio_program = words("program of the incentives that hold the least share of other materials; blank: none")
    ratio_basis = choice(("sale", "construction"), "year that decides the threshold", default="sale")


class Lists(Fact):
    """A list of names that a government keeps."""

    list_id = ident("id of the list")
    name = text("what people call it")
    jurisdiction = text("who keeps it")
    legal_ref = words("legal act")
    complete = choice(("yes", "no"), "whether all its entries are here; no: absence clears only from outside its scope")
    countries = words("countries whose organisations it names, separated by ';'; blank: any")
    as_of = day("day of the last look", optional=True)


class Listings(Dated):
    """A name stands on a list, or was looked for and is not on it (state: not listed)."""

    listing_id = ident("id of the entry")
    list = ref("lists.list_id", "list")
    org_id = words("organisation of these facts that it names; blank: none of them")
    name = text("name as listed")
    aliases = words("other names, separated by ';'")
    state = choice(STATES, "what became of the entry", default="in force")
    state_known_from = day("day since which the state is known; in force before; blank: from the start", optional=True)
    basis = words("row of the bans or notice behind the entry")


class Regimes(Dated):
    """A status that a rule gives to organisations. One of its tests met is enough."""

    regime_id = ident("id of the regime")
    name = text("what people call it")
    jurisdiction = text("whose rule it is")
    legal_ref = words("legal act")
    question = text("what is asked, answered yes or no")
    measured = choice(("day", "tax year end"), "when it is measured", default="day")
    state = choice(STATES, "what became of the rule", default="in force")
    state_known_from = day("day since which the state is known; in force before; blank: from the start", optional=True)


class Tests(Dated):
    """A way to fall under a regime. Rows of one `point` are readings of one contested rule: where they differ, unknown.

    listed: on the list `of`. seat: country in `of`. status: falls under the regime `of`. owned: those under `of` (or on
    one of its regimes) hold a share. held: those under `of` hold any of the interest themselves. contract: those under
    `of` have an agreement of that interest whose terms are among `terms`.
    """

    test_id = ident("id of the test")
    regime = ref("regimes.regime_id", "regime that it belongs to")
    kind = choice(("listed", "seat", "status", "owned", "held", "contract"), "kind of test")
    of = text("lists, countries or regimes, separated by ';'")
    interest = choice(("equity", "votes", "debt", "board", "licence", "offtake", "member"), "interest that counts",
                      optional=True)  # fmt: skip
    attribution = words("attribution rule, for owned")
    by = choice(("one", "together"), "whether one holder must reach the threshold or all together", optional=True)
    compare = choice(("at least", "more than"), "whether the threshold itself is enough", optional=True)
    threshold = share("share that is reached", optional=True)
    unknown_float = choice(
        ("counts", "ignored"), "whether unknown holders of a firm listed on an exchange may count", default="counts"
    )
    signed_from = day("agreements of this day or later; blank: of any day", optional=True)
    terms = words("terms of an agreement that count, separated by ';'; with a number of years: royalty>10")
    point = words("contested point that it is a reading of; blank: settled")
    reading = words("the reading in few words")
    about = text("the test in few words")


class Bans(Dated):
    """A procurement ban, a listing, an import ban or an export control."""

    ban_id = ident("id of the ban")
    jurisdiction = text("who bans")
    instrument = text("act or list")
    legal_ref = words("legal reference")
    kind = text("kind of ban")
    buyer_or_actor_scope = words("whom it binds")
    product_scope = words("which goods")
    named_entity = words("who is named")
    match_rule = words("how a firm falls under it")
    state = choice(STATES, "what became of it")
    state_known_from = day("day since which the state is known; blank: from the start", optional=True)
    status = words("status in the words of the source")
    test = words("test that decides")
    waiver_or_exception = words("ways out")
    binds = words(
        "what a program can decide: regimes of segments, import:US or export:CN, separated by ';'; blank: none"
    )
    stages = words("stages of the items that it hits, separated by ';'")
    regime = words("regime whose makers it hits; blank: every maker")
    component_share = share(
        "share of component cost from such makers that is enough; blank: only the maker", optional=True
    )
    component_compare = choice(("at least", "more than"), "whether that share itself is enough", optional=True)
    component_level = choice(
        ("cell", "bought"), "how deep components are sought: down to cells, or through them to what is bought",
        optional=True,
    )  # fmt: skip
    min_wh_per_kg = number("Wh/kg", "least specific energy of what it hits", optional=True, low=0)
    unknown = choice(
        ("bars", "passes"), "what an answer that is not known does in a cautious plan: a purchase that asks for "
        "proof is barred, a border that stops what is named lets it pass", default="bars",
    )  # fmt: skip


class Stakes(Dated):
    """An organisation or person holds an interest in another."""

    stake_id = ident("id of the stake")
    owner_id = text("who holds: an organisation or a name")
    owned_id = text("what is held: an organisation or a name")
    kind = text("kind of interest")
    share_pct = number("percent", "share of equity; blank: not known", optional=True, low=0, high=100)
    vote_pct = number("percent", "share of votes; blank: not known", optional=True, low=0, high=100)


class Organisations(Fact):
    """A company, joint venture or consortium."""

    org_id = ident("id of the organisation")
    name = text("what people call it")
    legal_name = words("registered name")
    country = text("country of its seat", pattern=r"^[A-Z]{2}$")
    hq = words("seat")
    kind = text("public, private, subsidiary, joint venture, consortium")
    ticker = words("exchange and ticker")
    role = words("what it does")
    run_from = text("country from which it is run, where that is not its seat", optional=True, pattern=r"^[A-Z]{2}$")
    outside = choice(("yes", "no"), "whether it is known not to be owned from China, Russia, North Korea or Iran",
                     optional=True)  # fmt: skip
    aliases = words("other names")


class Plants(Fact):
    """A plant that exists, is built, or was planned."""

    plant_id = ident("id of the plant")
    name = text("what people call it")
    operator_id = words("organisation that runs it")
    owners = words("owner:percent, separated by ';'")
    stage = text("what it makes: material, cell, pack, system")
    product = words("product")
    chemistry = words("chemistry")
    format = words("cell format")
    city = words("town")
    region = words("state or province")
    country = text("country", pattern=r"^[A-Z]{2}$")
    lat = number("degrees north", "latitude of the town", optional=True, low=-90, high=90)
    lon = number("degrees east", "longitude of the town", optional=True, low=-180, high=180)
    capacity = amount("capacity_unit", "capacity per year")
    capacity_unit = words("unit of the capacity")
    capacity_basis = words("planned, installed, from memory")
    investment_musd = amount("million USD", "investment")
    jobs = amount("jobs", "jobs announced")
    announced = day("day of the announcement", optional=True)
    start = day("start of production", optional=True)
    status = words("status")
    status_date = day("day of the status", optional=True)
    tech_licensor = words("who licenses the technology")
    fields_from_knowledge = words("columns that no source covers, separated by ';'")


class Prices(Fact):
    """A price, a rate or a ratio at a time."""

    price_id = ident("id of the price")
    series = text("series it belongs to")
    product = text("what is priced")
    chemistry = words("chemistry")
    region = words("where")
    period = words("when: a year, a day, a range")
    period_kind = words("survey year, spot, week, year …")
    value = number("as `unit` says", "value")
    unit = text("unit of the value")
    basis = words("what it includes")


class Volumes(Fact):
    """Energy of the cells of a chemistry that went into use, in a year or in all until its end."""

    volume_id = ident("id of the volume")
    chemistry = text("chemistry; mix: all of them")
    region = text("where they went into use")
    use = text("what they went into")
    span = choice(("year", "until then"), "in the year, or in all until its end")
    year = whole("year", "year")
    gwh = number("GWh", "energy", above=0)


class Chemistries(Fact):
    """A cell chemistry and the band in which its figures lie."""

    chem_id = ident("id of the chemistry")
    name = text("what people call it")
    cell_whkg_low = amount("Wh/kg", "least specific energy of a cell")
    cell_whkg_high = amount("Wh/kg", "largest specific energy of a cell")
    cell_whl_low = amount("Wh/L", "least energy density of a cell")
    cell_whl_high = amount("Wh/L", "largest energy density of a cell")
    pack_whkg_low = amount("Wh/kg", "least specific energy of a pack")
    pack_whkg_high = amount("Wh/kg", "largest specific energy of a pack")
    pack_whl_low = amount("Wh/L", "least energy density of a pack")
    pack_whl_high = amount("Wh/L", "largest energy density of a pack")
    cycles_low = amount("cycles", "least cycle life")
    cycles_high = amount("cycles", "largest cycle life")
    v_min = amount("V", "lower voltage limit of a cell")
    v_nom = amount("V", "nominal voltage of a cell")
    v_max = amount("V", "upper voltage limit of a cell")
    pack_cost_ratio_to_lfp = amount("ratio", "pack cost as a multiple of LFP")
    status = words("how mature it is")
    maker_claims = words("what makers claim")
    announced_dates = words("what makers announced")
    cn_export_control = words("Chinese export control that touches it")


class Cells(Fact):
    """A cell model."""

    cell_id = ident("id of the cell")
    maker = text("maker")
    model = text("model")
    chemistry = text("chemistry")
    format = text("cylindrical, prismatic or pouch")
    capacity_Ah = number("Ah", "capacity", above=0)
    nominal_V = number("V", "nominal voltage", above=0)
    min_V = amount("V", "lower voltage limit")
    max_V = amount("V", "upper voltage limit")
    mass_g = amount("g", "mass")
    len_or_dia_mm = amount("mm", "length, or diameter of a cylinder")
    width_mm = amount("mm", "width")
    height_mm = amount("mm", "height")
    acir_mohm = amount("mohm", "resistance at 1 kHz")
    dcir_mohm = amount("mohm", "direct-current resistance")
    cont_chg_C = amount("1/h", "continuous charge rate")
    cont_dis_C = amount("1/h", "continuous discharge rate")
    pulse_dis_C = amount("1/h", "pulse discharge rate")
    pulse_s = amount("s", "length of the pulse")
    T_chg_min_C = number("degC", "least temperature for charge", optional=True, low=-60, high=100)
    T_chg_max_C = number("degC", "largest temperature for charge", optional=True, low=-60, high=100)
    T_dis_min_C = number("degC", "least temperature for discharge", optional=True, low=-60, high=100)
    T_dis_max_C = number("degC", "largest temperature for discharge", optional=True, low=-60, high=100)
    cycle_life = amount("cycles", "cycle life under the conditions")
    cycle_conditions = words("conditions of the cycle life")
    energy_Wh = number("Wh", "energy", above=0)
    Wh_per_kg = amount("Wh/kg", "specific energy")
    Wh_per_L = amount("Wh/L", "energy density")
    revision = words("revision of the data sheet")
    mass_tolerance_g = amount("g", "how far the mass of one cell may lie from `mass_g`, to either side")
    fields_with_weaker_source = words("what stands on a weaker source")


class DataSheet(Cells):
    """A cell of a user: the columns of the shipped cells, of which few must be filled in."""

    cell_id = text("id of the cell; blank: maker and model", optional=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+\-]*$")
    maker = text("maker", key=True)
    model = text("model", key=True)
    energy_Wh = amount("Wh", "energy; blank: capacity by nominal voltage")
    source_id = words("where it was read")
    confidence = choice(("verified", "reported", "unverified"), "how far to trust it", default="reported")


class CellConflicts(Fact):
    """What one source says of a cell where sources disagree; the shipped cell carries the value that is taken."""

    conflict_id = ident("id of the row")
    cell_id = ref("cells.cell_id", "cell")
    column = text("column of cells that it is about")
    value = amount("as in cells", "what the source says; blank: not known")
    low = amount("as in cells", "least that the source allows")
    high = amount("as in cells", "most that the source allows")
    taken = choice(("yes", "no"), "whether the shipped cell carries it")


class Packs(Fact):
    """A pack or system that was built."""

    pack_id = ident("id of the pack")
    name = text("name")
    segment = text("what it is used in")
    chemistry = text("chemistry")
    cell = words("cell in it")
    S = count("cells", "cells in series")
    P = count("cells", "cells in parallel")
    n_cells = count("cells", "number of cells")
    nominal_V = amount("V", "nominal voltage")
    min_V = amount("V", "lower voltage limit")
    max_V = amount("V", "upper voltage limit")
    capacity_Ah = amount("Ah", "capacity")
    energy_kWh = number("kWh", "energy", above=0)
    usable_kWh = amount("kWh", "usable energy")
    mass_kg = amount("kg", "mass within `mass_boundary`")
    mass_low_kg = amount("kg", "least mass that a source tells, where sources dispute it")
    mass_high_kg = amount("kg", "largest mass that a source tells, where sources dispute it")
    cells_mass_kg = amount("kg", "mass of its cells")
    cell_to_pack_mass = amount("ratio", "cells' share of the mass")
    Wh_per_kg = amount("Wh/kg", "specific energy")
    L_mm = amount("mm", "length")
    W_mm = amount("mm", "width")
    H_mm = amount("mm", "height")
    bbox_L = amount("L", "volume of the bounding box")
    Wh_per_L = amount("Wh/L", "energy density of the bounding box")
    cont_dis_kW = amount("kW", "continuous discharge power")
    peak_dis_kW = amount("kW", "peak discharge power")
    peak_s = amount("s", "length of the peak")
    cooling = words("cooling")
    mass_boundary = words("what the mass includes")
    config_confidence = words("how far to trust cells in series and parallel")
    remark = words("why what is computed of it may lie off: our reading, not that of the source")


class Fuses(Fact):
    """A fuse, or a class of fuses, for direct current."""

    fuse_id = ident("id of the fuse")
    family = text("family to which it belongs")
    name = text("name")
    utilisation = words("class of utilisation and standard")
    rated_A = number("A", "rated current", above=0)
    rated_V = amount("V", "rated voltage for direct current")
    breaking_kA = amount("kA", "breaking capacity for direct current")
    least_breaking = amount("multiple of the rated current", "least current that it breaks by itself")
    holds = amount("multiple of the rated current", "current that it carries for an hour without melting")
    melts_10s = amount("multiple of the rated current", "least current that melts it in 10 s")
    melts_100ms = amount("multiple of the rated current", "least current that melts it in 0.1 s")
    melting_A2s = amount("A2s", "pre-arcing I2t of a short circuit")
    clearing_A2s = amount("A2s", "total I2t that it lets through in a short circuit")
    clearing_V = amount("V", "voltage at which that was told")
    watts = amount("W", "heat at the rated current")


class Contactors(Fact):
    """A contactor, or a class of contactors, for direct current."""

    contactor_id = ident("id of the contactor")
    family = text("published: a product; generic: a class")
    name = text("name")
    rated_V = number("V", "largest voltage that it switches", above=0)
    carry_A = number("A", "current that it carries for ever", above=0)
    break_A = amount("A", "largest current that it breaks, once or a few times")
    break_V = amount("V", "voltage at which that was told")
    make_A = amount("A", "largest current on which it closes")
    minute_A = amount("A", "current that it carries for a minute")
    short_A = amount("A", "current that it carries for `short_s` with its contacts closed")
    short_s = amount("s", "how long")
    resistance_mohm = amount("mohm", "resistance of the closed contacts")


class PackSheet(Packs):
    """A pack of a user: the columns of the shipped packs, of which any may be blank."""

    pack_id = words("id of the pack")
    name = text("name", key=True)
    segment = words("what it is used in")
    chemistry = words("chemistry")
    energy_kWh = amount("kWh", "energy")
    source_id = words("where it was read")
    confidence = choice(("verified", "reported", "unverified"), "how far to trust it", default="reported")


class Constructions(Fact):
    """How packs of a kind are built around their cells: what the sum of their components starts from."""

    construction_id = ident("id of the construction")
    name = text("name")
    uses = choices(
        ("ev", "storage-residential", "portable", "light-ev", "utv", "golf-cart", "industrial", "c-and-i"),
        "uses that it is built for",
    )
    shape = choice(
        ("flat", "box", "stack"),
        "flat: one layer of cells under a floor; box: as compact as the cells allow; stack: a box for each "
        "module, on a base with a control unit",
    )
    fill = share("share of the room inside that the block of cells takes; of the floor where it is flat")
    gap_mm = number("mm", "height above and below the cells of a flat pack", low=0)
    max_height_mm = number("mm", "largest height of the block of cells", above=0)
    max_ratio = number("ratio", "largest length over width of the block of cells", low=1)
    shell_kg_m2 = number("kg/m2", "mass of the shell by outer area, with its ribs, rails and frame", above=0)
    module_kWh = number("kWh", "largest energy of a module", above=0)
    potting = share("share of the voids that is potted")
    rate_C = number("1/h", "continuous rate that conductors are made for where no current is told", above=0)
    fixed_kg = number("kg", "mass of `fixed_names`", low=0)
    fixed_names = words("parts that each pack has once")


class Certifications(Fact):
    """A standard or transport rule, what it takes to pass it, and what makes one repeat it."""

    cert_id = ident("id of the certification")
    standard = text("standard")
    edition = words("edition")
    applies_to = words("which goods")
    level = words("cell, module, pack, system, shipment …")
    nature = words("listing, test, transport rule …")
    demanded_by = words("who asks for it")
    weeks_low = amount("weeks", "short campaign")
    weeks_high = amount("weeks", "long campaign")
    cost_usd_low = amount("USD", "cheap campaign")
    cost_usd_high = amount("USD", "dear campaign")
    recert_triggers = words("what makes one repeat it")


class CertificationRules(Fact):
    """When a product needs a certificate: every condition of a row must hold; one row of a standard is enough.

    A blank condition always holds. Level and standard together name a step that others come after.
    """

    rule_id = ident("id of the rule")
    standard = text("standard or law")
    level = text("cell, module, pack, unit, system, inverter, installation, shipment")
    cert_id = ref("certifications.cert_id", "row that tells time, cost and who asks for it")
    kind = text("listing, test, test method, type approval, regulation, installation code, transport rule …")
    uses = words("uses, separated by ';'; blank: every use")
    regions = words("where it is sold, separated by ';'; blank: everywhere")
    families = words("families of cells, separated by ';'; blank: every one")
    energy_kwh_above = amount("kWh", "only above this energy")
    energy_kwh_to = amount("kWh", "only up to this energy")
    mass_kg_above = amount("kg", "only above this mass")
    mass_kg_to = amount("kg", "only up to this mass")
    if_true = words(
        "what else must hold: on_road, inverter, light_class, by_air, adopts_2026, national_marks, or 'not' one of them"
    )
    after = words("steps before it, as standard and level, separated by ';'")
    effort_share = share("part of the time and cost of the certification that falls on this level")
    samples = words("what a laboratory needs")
    valid_from = day("first day on which it holds; blank: it does", optional=True)
    why = text("why it is needed")


class DwellingLimits(Fact):
    """How much energy a home may store before the rules of commercial installations hold."""

    limit_id = ident("id of the limit")
    uses = text("uses, separated by ';'")
    regions = text("where, separated by ';'")
    place = words("where in or at the home; blank: anywhere")
    of = choice(("unit", "dwelling"), "what is limited")
    kwh = number("kWh", "most energy", above=0)
    above = text("what holds above it")


class Recertification(Fact):
    """What makes one repeat a certificate: a change of the product against the one that was certified."""

    trigger_id = ident("id of the trigger")
    standard = text("standard or law")
    level = text("cell, module, pack, unit, system, inverter, installation")
    change = choice(
        ("cell", "chemistry", "layout", "energy", "voltage", "bms", "enclosure", "inverter", "site"), "what changed"
    )
    answer = choice(("needed", "unknown"), "whether it is repeated; unknown: somebody must judge")
    over_share = amount("share", "only for a change by more than this part")
    why = text("why")


class Climates(Fact):
    """How warm a place is, month by month."""

    climate_id = ident("id of the row")
    place = text("place")
    country = text("country")
    jan_c = number("°C", "mean of January")
    feb_c = number("°C", "mean of February")
    mar_c = number("°C", "mean of March")
    apr_c = number("°C", "mean of April")
    may_c = number("°C", "mean of May")
    jun_c = number("°C", "mean of June")
    jul_c = number("°C", "mean of July")
    aug_c = number("°C", "mean of August")
    sep_c = number("°C", "mean of September")
    oct_c = number("°C", "mean of October")
    nov_c = number("°C", "mean of November")
    dec_c = number("°C", "mean of December")


class LifeModels(Fact):
    """A published model of ageing: what it was fitted to, where it was published, and the box it was tested in."""

    model_id = ident("id of the row")
    model = text("name of the model")
    family = text("family of cells")
    cell = text("cell that it was fitted to")
    capacity_ah = number("Ah", "capacity of that cell", above=0)
    doi = text("where data and equations were published")
    rate_basis = choice(
        ("all hours", "moving"),
        "how its program takes a mean rate: over all hours, a rest with zero, or while current flows",
    )
    tells_resistance = choice(("yes", "no"), "whether it tells how resistance grows")
    temperature_low = amount("°C", "coldest cycling tested")
    temperature_high = amount("°C", "warmest cycling tested")
    depth_low = amount("of capacity", "shallowest cycles tested")
    depth_high = amount("of capacity", "deepest cycles tested")
    soc_low = amount("of capacity", "lowest state of charge tested")
    soc_high = amount("of capacity", "highest state of charge tested")
    charge_rate_low = amount("1/h", "slowest charge tested")
    charge_rate_high = amount("1/h", "fastest charge tested")
    discharge_rate_low = amount("1/h", "slowest discharge tested")
    discharge_rate_high = amount("1/h", "fastest discharge tested")
    cycles_low = amount("full cycles a day", "fewest that it holds for")
    cycles_high = amount("full cycles a day", "most that it holds for")
    limits = words("what it cannot tell")


class Lanes(Fact):
    """A trade lane with its times."""

    lane_id = ident("id of the lane")
    origin = text("from")
    origin_unlocode = text("from, UN/LOCODE")
    destination = text("to")
    destination_unlocode = text("to, UN/LOCODE")
    mode = choice(("ocean", "rail", "truck", "air", "barge", "courier"), "how")
    via = words("route")
    transit_days_low = amount("days", "fast, port to port")
    transit_days_high = amount("days", "slow, port to port")
    door_days_low = amount("days", "fast, door to door")
    door_days_high = amount("days", "slow, door to door")
    rate_series = words("series of prices that holds its rate")
    dg_surcharge_usd_low = amount("USD per container", "low surcharge for dangerous goods")
    dg_surcharge_usd_high = amount("USD per container", "high surcharge for dangerous goods")


class Calendars(Fact):
    """A festival with the shutdown around it, or a day on which a rule turns."""

    cal_id = ident("id of the event")
    country = text("country, or several separated by '/'")
    event = text("what happens")
    year = whole("year", "year")
    date = day("day of the event")
    official_days_off = count("days", "public days off")
    shutdown_start_days_before = count("days", "factories close this many days before; blank: no shutdown")
    shutdown_end_days_after = count("days", "last closed day, this many days after")
    capacity_effect = words("what it does to output")


class Emissions(Fact):
    """What moving a tonne over a kilometre usually emits."""

    emission_id = ident("id of the row")
    mode = text("mode of transport")
    g_co2e_per_tkm = number("g CO2e per t km", "average", low=0)


class BatpacComponentMasses(Fact):
    """Mass of a component in the reference pack of the BatPaC model."""

    mass_id = ident("id of the row")
    component = text("component")
    mass_kg = number("kg", "mass in the reference pack", low=0)


class BatpacFactoryBaseline(Fact):
    """A step of the reference factory of the BatPaC model and how it scales."""

    step_id = ident("id of the row")
    process = text("step")
    baseline_labour_h_per_y = number("h per year", "labour", low=0)
    baseline_capital_musd = number("million USD", "capital", low=0)
    baseline_area_m2 = number("m2", "floor", low=0)
    exp_labour = number("exponent", "labour scales with volume to this power")
    exp_capital = number("exponent", "capital scales with volume to this power")
    exp_area = number("exponent", "floor scales with volume to this power")
    scaling_ratio = text("what the volume is")
    baseline_volume = number("as `scaling_ratio` says", "volume of the reference factory", above=0)


class BatpacReference(Fact):
    """A pack of the BatPaC model, or a real one beside it."""

    case_id = ident("id of the row")
    case = text("case")
    chemistry = text("chemistry")
    cu_foil_um = amount("um", "thickness of the copper foil")
    pack_kWh_total = amount("kWh", "energy")
    usable_kWh = amount("kWh", "usable energy")
    pack_mass_kg = amount("kg", "mass of the pack")
    pack_Wh_per_kg = amount("Wh/kg", "specific energy of the pack")
    cell_mass_kg = amount("kg", "mass of a cell")
    n_cells = count("cells", "number of cells")
    pack_cost_usd = amount("USD", "cost of the pack")
    cost_usd_per_kWh = amount("USD/kWh", "cost per energy")
    volume_packs_per_year = amount("packs per year", "volume of the factory")


class Sources(dy.Schema):
    """A source of facts."""

    source_id = ident("id of the source")
    title = text("title")
    publisher = words("publisher")
    date = words("day, month, year or range")
    locator = words("where to find it")
    kind = words("kind of document")
    notes = words("what a reader should know")
    confidence = choice(("verified", "reported", "unverified"), "how far to trust it")


FACTS: dict[str, type[dy.Schema]] = {
    "tariffs": Tariffs, "groups": Groups, "fees": Fees, "incentives": Incentives, "credits": Credits, "bans": Bans,
    "lists": Lists, "listings": Listings, "regimes": Regimes, "tests": Tests, "stakes": Stakes,
    "organisations": Organisations, "plants": Plants, "prices": Prices, "volumes": Volumes,
    "chemistries": Chemistries, "cells": Cells, "cell_conflicts": CellConflicts, "packs": Packs,
    "constructions": Constructions, "certifications": Certifications, "certification_rules": CertificationRules,
    "recertification": Recertification, "dwelling_limits": DwellingLimits, "climates": Climates,
    "life_models": LifeModels, "lanes": Lanes, "calendars": Calendars, "emissions": Emissions, "fuses": Fuses,
    "contactors": Contactors, "batpac_component_masses": BatpacComponentMasses,
    "batpac_factory_baseline": BatpacFactoryBaseline, "batpac_reference": BatpacReference, "sources": Sources,
}  # fmt: skip
"""Every fact table by name."""
