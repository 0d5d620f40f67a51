"""The words of the model: what every column and row is about, in the names of the tables.

`COLUMNS` and `ROWS` say it block by block; a block that is not listed is told by its name and its index. A test holds
that every block of the model is listed, so that whoever adds a rule also says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

import polars as pl

from cellroad.plan.kernel import Block, Model
from cellroad.plan.network.network import Network


@dataclass(frozen=True, slots=True)
class Words:
    """How a block is told: the table that it is about, the key of the row there, and a sentence.

    All are filled from the index of the block: {site} and {item} where it has nodes, {label} of its period, {process}
    and {credit} of its run.
    """

    table: str
    what: str
    says: str


COLUMNS: dict[str, Words] = {
    "buy": Words("offers", "{offer}", "buy under {offer} in {label}"),
    "order": Words("offers", "{offer}", "order under {offer} in {label}"),
    "make": Words("processes", "{process}", "run {process} in {label}"),
    "ship": Words("lanes", "{lane}", "ship {item} on {lane} in {label}"),
    "containers": Words("lanes", "{lane}", "send containers of {cargo} on {lane} in {label}"),
    "shipment": Words("lanes", "{lane}", "send a shipment on {lane} in {label}"),
    "sign": Words("contracts", "{contract}", "sign {contract}"),
    "untaken": Words("contracts", "{contract}", "pay under {contract} for what is not taken in {year}"),
    "made_up": Words("contracts", "{contract}", "take in {later} what {contract} was paid for in {year}"),
    "credited": Words("contracts", "{contract}", "settle from the prepayment of {contract} in {label}"),
    "in_tier": Words("tiers", "{offer}|{tier}", "buy under {offer} in the tier {tier} from {start} on"),
    "reached": Words("tiers", "{offer}|{tier}", "reach the tier {tier} of {offer} from {start} on"),
    "sourced": Words("sourcing", "{rule}", "have so much from {source} under {rule} in {year}"),
    "counts": Words("sourcing", "{rule}", "count {source} as a source under {rule} in {year}"),
    "refund": Words("lanes", "", "have duty refunded on what is exported again"),
    "taxed": Words("partners", "{partner}", "be taxed as {partner} in {year}"),
    "tax case": Words("partners", "{partner}", "use the losses of {partner} in {year} as far as its profit goes"),
    "lost": Words("partners", "{partner}", "carry a loss of {partner} out of {year}"),
    "owned": Words("partners", "", "own what moves"),
    "owned stock": Words("partners", "", "own what is on hand"),
    "hold": Words("stocks", "{item} at {site}", "keep {item} at {site} in {label}"),
    "sell": Words("demand", "{want} at {market} with {item}", "sell {item} for {want} at {market} in {label}"),
    "short": Words("demand", "{want} at {market}, not served", "leave {want} at {market} unserved in {label}"),
    "start": Words("{kind}s", "{what} {standard}", "start {undertaking} in {label}"),
    "open": Words("{kind}s", "{what} {standard}", "have started {group} by {label}"),
    "cover": Words("certificates", "{item}|{standard}", "have {standard} of {item} cover a part of {label}"),
    "run": Words("resources", "{resource}", "run {resource} in {label} or not"),
    "ended": Words("closures", "{closing_what}", "end {built_what} by {closing_what}"),
    "credit": Words("processes", "{process}", "earn {credit} on {process} in {label}"),
    "claim": Words("processes", "{process}", "claim {credit} on {process}"),
    "claimed": Words("processes", "{process}", "claim {credit} on {process} in {label}"),
    "swap": Words("substitutes", "{process}|{instead_of}|{item}", "use {item} instead of {instead_of} in {label}"),
    "scrap": Words("items", "{item}", "scrap {item} at {site} in {label}"),
    "below": Words("stocks", "{item} at {site}", "keep less {item} at {site} in {label} than the least stock"),
    "aged use": Words("stocks", "{item} at {site}", "use {item} of one age at {site} in {label}"),
    "aged ship": Words("lanes", "{lane}", "ship {item} of one age on {lane} in {label}"),
    "aged hold": Words("stocks", "{item} at {site}", "keep {item} of one age at {site} in {label}"),
    "aged scrap": Words("items", "{item}", "scrap {item} of one age at {site} in {label}"),
}
"""What a column of each block is."""

ROWS: dict[str, Words] = {
    "balance": Words("stocks", "{item} at {site}", "{item} at {site} in {label}: what comes in goes out or stays"),
    "moq least": Words("offers", "{offer}", "an order under {offer} in {label} is at least its minimum (moq)"),
    "moq most": Words("offers", "{offer}", "nothing is bought under {offer} in {label} without an order"),
    "capacity": Words("resources", "{resource}", "{resource} works no more hours in {label} than it has"),
    "line first": Words("processes", "{process}", "{process} runs in {label} only on a line that is there"),
    "demand": Words("demand", "{want} at {market}", "{want} at {market} in {label} is served or short"),
    "certified": Words(
        "certificates", "{item}|{standard}", "{item} is sold at {market} in {label} only with {standard}"
    ),
    "covered": Words("certificates", "{item}|{standard}", "{standard} of {item} holds in {label} only by a campaign"),
    "made of": Words(
        "certificates", "{item}|{standard}", "{process} runs in {label} only with {standard} of {item} for its cell"
    ),
    "lab": Words("labs", "{lab}", "{lab} runs no more campaigns in {label} than it can"),
    "least use": Words("resources", "{resource}", "{resource} is used in {label} at least as much as it must be"),
    "runs": Words("resources", "{resource}", "{resource} makes something in {label} only where it runs"),
    "runs enough": Words("resources", "{resource}", "{resource} makes enough in {label} where it runs"),
    "open": Words("{kind}s", "{what} {standard}", "{group} has been started by {label} or not, and once at most"),
    "required": Words("{kind}s", "{what} {standard}", "{undertaking} works in {label} only if what it requires does"),
    "excluded": Words("{kind}s", "{what}", "of {undertaking} and {other} at most one is taken"),
    "budget": Words("budgets", "{budget}", "no more is invested than the budget {budget} allows"),
    "lane capacity": Words("lanes", "{lane}", "{lane} takes no more in {label} than it holds (max_per_month)"),
    "containers by_mass": Words("lanes", "{lane}", "{cargo} on {lane} in {label} travels in containers, by mass"),
    "containers by_volume": Words("lanes", "{lane}", "{cargo} on {lane} in {label} travels in containers, by volume"),
    "shipment least": Words("lanes", "{lane}", "a shipment on {lane} in {label} is at least min_shipment_kg"),
    "shipment most": Words("lanes", "{lane}", "{item} travels on {lane} in {label} only with a shipment"),
    "lane limit": Words("lanes", "{lane}", "{lane} takes no more in {label} than its limit ({limit})"),
    "container limit": Words("lanes", "{lane}", "{lane} takes no more containers in {label} than its limit"),
    "site limit": Words("sites", "{site}", "{site} handles no more in {label} than its limit ({limit})"),
    "storage limit": Words("sites", "{site}", "{site} stores no more in {label} than its limit ({limit})"),
    "refund of entry": Words("items", "{item}", "no more duty on {item} is refunded than was paid"),
    "refund of export": Words("items", "{item}", "duty is refunded on no more {item} than is exported again"),
    "profit": Words("partners", "{partner}", "the profit of {partner} in {year} is taxed or carried forward"),
    "tax case": Words("partners", "{partner}", "losses of {partner} are used as soon as the law lets, in {year}"),
    "one tax case": Words("partners", "{partner}", "losses of {partner} are used in one way in {year}"),
    "least taxed": Words("partners", "{partner}", "part of the profit of {partner} in {year} is taxed in any case"),
    "gain of": Words("partners", "{partner}", "a partner gains no less than was asked"),
    "owned": Words("partners", "", "what moves belongs to somebody"),
    "owned balance": Words("partners", "", "what belongs to a partner comes in, goes out or stays"),
    "owned stock": Words("partners", "", "what is on hand belongs to somebody"),
    "one contract": Words("contracts", "{one_of}", "of the contracts of {one_of} at most one is signed"),
    "under contract": Words("offers", "{offer}", "nothing is bought under {offer} in {label} without a contract"),
    "least taken": Words("contracts", "{contract}", "{contract} takes or pays its minimum in {year} (min_per_year)"),
    "paid if signed": Words(
        "contracts", "{contract}", "only {contract} as signed pays for what is not taken in {year}"
    ),
    "made up": Words("contracts", "{contract}", "{contract} makes up no more than it paid for in {year}"),
    "most taken": Words("contracts", "{contract}", "{contract} takes no more in {year} than max_per_year"),
    "credit": Words("contracts", "{contract}", "the prepayment of {contract} settles its part of invoices in {label}"),
    "prepaid": Words("contracts", "{contract}", "{contract} settles no more than was prepaid"),
    "tiered": Words("tiers", "{offer}", "what is bought under {offer} from {start} on falls into tiers"),
    "tier least": Words("tiers", "{offer}|{tier}", "the tier {tier} of {offer} starts at its least quantity"),
    "tier most": Words("tiers", "{offer}|{tier}", "the tier {tier} of {offer} ends at its largest quantity"),
    "one tier": Words("tiers", "{offer}", "one tier of {offer} holds from {start} on"),
    "sourced": Words("sourcing", "{rule}", "what comes from {source} under {rule} in {year} adds up"),
    "most share": Words("sourcing", "{rule}", "{source} has no more than its share in {year} under {rule} (max_share)"),
    "least share": Words("sourcing", "{rule}", "{source} has its least share in {year} under {rule} (min_share)"),
    "most sourced": Words("sourcing", "{rule}", "no more comes from {source} in {year} than {rule} allows"),
    "least sourced": Words("sourcing", "{rule}", "as much comes from {source} in {year} as {rule} asks for"),
    "counts": Words("sourcing", "{rule}", "{source} counts under {rule} in {year} only with its least share"),
    "several sources": Words("sourcing", "{rule}", "as many sources as {rule} asks for have their share in {year}"),
    "too few sources": Words("sourcing", "{rule}", "nothing is bought in {year}: {rule} asks for more sources"),
    "carbon limit": Words("carbon", "{carbon}", "no more is emitted than {carbon} allows"),
    "ended most": Words("closures", "", "a closure that is not taken ends nothing"),
    "ended once": Words("options", "{built_what}", "{built_what} is closed once at most"),
    "ended both": Words("options", "{built_what}", "{built_what} ends when it is closed"),
    "something to close": Words("closures", "{closing_what}", "{closing_what} closes only what is there"),
    "line last": Words("processes", "{process}", "{process} runs in {label} only until its line is closed"),
    "credited": Words("processes", "{process}", "{credit} is earned on {process} in {label} for what is made"),
    "credit claimed": Words("processes", "{process}", "{credit} is earned on {process} in {label} where it is claimed"),
    "claimed": Words("processes", "{process}", "{credit} is claimed on all runs of {process} in {label} or none"),
    "made": Words("processes", "{process}", "{credit} is claimed on {process} in {label} for what is made"),
    "unclaimed": Words("processes", "{process}", "{credit} is claimed on all runs of {process} in {label} or none"),
    "ratio": Words("processes", "{process}", "what claims {credit} keeps the share of material that it asks"),
    "sold": Words("items", "{item}", "{credit} is earned in {year} on no more {item} than is sold"),
    "late share": Words("demand", "{want} at {market}", "no more {want} of {label} at {market} is late than may be"),
    "swap": Words(
        "substitutes", "{process}|{instead_of}|{item}", "{item} replaces no more {instead_of} in {label} than it may"
    ),
    "swaps": Words("substitutes", "{process}|{instead_of}", "no more {instead_of} is replaced in {label} than is used"),
    "least units": Words("stocks", "{item} at {site}", "{item} at {site} in {label} is at least min_units"),
    "least days": Words("stocks", "{item} at {site}", "{item} at {site} in {label} lasts for min_days"),
    "room": Words("sites", "{site}", "{site} stores no more in {label} than it has room for (storage_m3)"),
    "aged balance": Words("stocks", "{item} at {site}", "{item} of one age at {site} in {label} goes out or stays"),
    "aged use": Words("stocks", "{item} at {site}", "what is used of {item} at {site} in {label} has an age"),
    "aged ship": Words("lanes", "{lane}", "what leaves on {lane} in {label} has an age"),
    "aged hold": Words("stocks", "{item} at {site}", "what is kept of {item} at {site} in {label} has an age"),
    "aged scrap": Words("items", "{item}", "what is scrapped of {item} at {site} in {label} has an age"),
}
"""What a row of each block demands."""


def column_names(net: Network, model: Model) -> pl.DataFrame:
    """Return what every column of a model is about: table, what; one row a column."""
    return pl.concat([named(net, block, words_of(COLUMNS, block)) for block in _in_order(model.columns.values())])


def row_names(net: Network, model: Model) -> pl.DataFrame:
    """Return what every row of a model is about: table, what; one row a row."""
    return pl.concat([named(net, block, words_of(ROWS, block)) for block in _in_order(model.rows.values())])


def words_of(told: dict[str, Words], block: Block) -> Words | None:
    """Return the words of a block; one that is named after somebody ("gain of …") has those of its kind."""
    return told.get(block.name) or told.get(f"{block.name.split(' of ')[0]} of")


def named(net: Network, block: Block, words: Words | None) -> pl.DataFrame:
    """Return the table and the key in it that every member of a block is about: table, what."""
    index = decoded(net, block)
    words = words or Words(block.name, " ".join(f"{{{name}}}" for name in _told(index)), "")
    return pl.DataFrame(
        {"table": _filled(words.table, index), "what": _filled(words.what, index).str.strip_chars()},
        schema={"table": pl.String, "what": pl.String},
    )


def said(net: Network, block: Block, words: Words | None, places: list[int]) -> list[str]:
    """Return the sentences of some members of a block."""
    index = decoded(net, block)[places]
    words = words or Words("", "", f"{block.name} " + ", ".join(f"{name} {{{name}}}" for name in _told(index)))
    return [" ".join(text.split()) for text in _filled(words.says, index)]


def column_says(net: Network, model: Model, column: int) -> str:
    """Return what a column of a model is, as a sentence."""
    block = _holding(model.columns.values(), column)
    return said(net, block, words_of(COLUMNS, block), [column - block.first])[0]


def row_says(net: Network, model: Model, row: int) -> str:
    """Return what a row of a model demands, as a sentence."""
    block = _holding(model.rows.values(), row)
    return said(net, block, words_of(ROWS, block), [row - block.first])[0]


def decoded(net: Network, block: Block) -> pl.DataFrame:
    """Return the index of a block with ids instead of numbers: site, item, label, process, credit beside its own."""
    index = block.index if block.index.width else pl.DataFrame({"place": range(block.size)})
    if "node" in index.columns:
        index = index.with_columns(
            site=net.codes.site_of(pl.col("node")),
            item=net.codes.item_of(pl.col("node")),
        )
    if "period" in index.columns:
        labels = net.periods.frame.select(pl.col("period").cast(index["period"].dtype), "label")
        index = index.join(labels, on="period", how="left", maintain_order="left")
    undertakings = net.starts.frame.select("undertaking", "kind", "what", "standard").unique("undertaking")
    for name in ("undertaking", "group"):
        if name in index.columns and index[name].dtype == pl.String:
            key = pl.col(name).str.replace(r" #\d+$", "")  # the number of a copy, or of the period of a campaign
            index = index.join(undertakings, left_on=key, right_on="undertaking", how="left", maintain_order="left")
            index = index.with_columns(pl.col("kind").fill_null("option"), pl.col("what").fill_null(pl.col(name)))
    for name in ("built", "closing"):
        if name in index.columns:
            what = net.starts.frame["undertaking"].gather(index[name])
            index = index.with_columns(what.alias(f"{name}_what"))
    claims = net.credits.claims.select("claim", "process", "credit")
    if "run" in index.columns:
        runs = net.credits.runs.select("run", "claim").join(claims, on="claim", how="left", maintain_order="left")
        index = index.join(runs.drop("claim"), on="run", how="left", maintain_order="left")
    elif index.columns == ["row"]:
        groups = net.credits.decided.select("row", "claim").unique("row", keep="first", maintain_order=True)
        groups = groups.join(claims, on="claim", how="left", maintain_order="left").drop("claim")
        index = index.join(groups, on="row", how="left", maintain_order="left")
    return index


def _told(index: pl.DataFrame) -> list[str]:
    return [name for name in index.columns if name not in ("node", "period")]


def _filled(template: str, index: pl.DataFrame) -> pl.Series:
    """Return a template filled row by row; what the index does not have is left out."""
    parts: list[pl.Expr] = [pl.repeat("", pl.len())]
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(pl.lit(literal))
        if name and name in index.columns:
            parts.append(pl.col(name).cast(pl.String).fill_null(""))
    return index.select(text=pl.concat_str(parts)).to_series() if index.height else pl.Series([], dtype=pl.String)


def _in_order(blocks: object) -> list[Block]:
    return sorted(blocks, key=lambda block: block.first)  # type: ignore[call-overload, no-any-return]


def _holding(blocks: object, place: int) -> Block:
    return next(b for b in _in_order(blocks) if b.first <= place < b.first + b.size)
