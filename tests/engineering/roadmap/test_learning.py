"""Curves against closed forms, bands against walks whose drift is known, the back-test against the facts by hand."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.engineering.roadmap.programmes import programme
from tests.scripts import ROOT

import cellroad as cr
from cellroad.chain import facts
from cellroad.engineering.roadmap.backtest import backtest, learned, scores
from cellroad.engineering.roadmap.history import HISTORIES, made, yearly
from cellroad.engineering.roadmap.learning import SHARES, added, fitted
from cellroad.engineering.roadmap.outlook import beside, outlook

AHEAD = np.array([1, 2, 3])


@given(
    rate=st.floats(0.01, 0.5),
    growth=st.lists(st.floats(1.01, 4), min_size=2, max_size=12),
    later=st.lists(st.floats(1.01, 4), min_size=3, max_size=3),
)
@settings(max_examples=60, derandomize=True)
def test_a_curve_of_wright_is_found_and_goes_on(rate: float, growth: list[float], later: list[float]) -> None:
    exponent = np.log2(1 - rate)
    gained = np.log(growth)
    prices = 500 * np.exp(exponent * np.concatenate([[0], np.cumsum(gained)]))
    steps = fitted(prices, gained)
    assert (steps.rate, steps.sigma) == (pytest.approx(rate), pytest.approx(0, abs=1e-9))
    band = steps.ahead(prices[-1], np.cumsum(np.log(later)), AHEAD, SHARES)
    assert band == pytest.approx(np.tile(prices[-1] * np.cumprod(later) ** exponent, (3, 1)), rel=1e-6)


def test_a_trend_in_time_is_the_mean_step_with_the_prediction_interval_of_a_textbook() -> None:
    prices = np.array([350.0, 273, 209, 176, 156, 137, 132, 151])
    gains = np.diff(np.log(prices))
    steps = fitted(prices, np.ones(7))
    assert (steps.slope, steps.sigma) == (pytest.approx(gains.mean()), pytest.approx(gains.std(ddof=1)))
    low, middle, high = np.log(steps.ahead(prices[-1], np.array([1.0]), AHEAD[:1], SHARES)[:, 0] / prices[-1])
    wide = stats.t.ppf(0.95, 6) * gains.std(ddof=1) * np.sqrt(1 + 1 / 7)
    assert [low, middle, high] == pytest.approx([gains.mean() - wide, gains.mean(), gains.mean() + wide])


@pytest.mark.parametrize("driven", ["nothing", "time", "volume"])
def test_nine_of_ten_walks_of_known_drift_end_inside_the_band(driven: str) -> None:
    numbers, walks, steps = np.random.default_rng(7), 4000, 7
    inside = np.zeros(3)
    for _ in range(walks):
        x = {"nothing": np.zeros(10), "time": np.ones(10), "volume": numbers.uniform(0.2, 1.2, 10)}[driven]
        path = np.exp(np.cumsum(np.concatenate([[5.0], -0.3 * x + 0.1 * numbers.standard_normal(10)])))
        fit = fitted(path[: steps + 1], x[:steps])
        low, _, high = fit.ahead(path[steps], np.cumsum(x[steps:]), AHEAD, SHARES)
        inside += (low <= path[steps + 1 :]) & (path[steps + 1 :] <= high)
    assert inside / walks == pytest.approx(np.full(3, 0.9), abs=3 * np.sqrt(0.09 / walks))


def test_the_interval_of_a_rate_holds_the_true_one_nine_times_in_ten() -> None:
    numbers, held = np.random.default_rng(3), 0
    for _ in range(3000):
        x = numbers.uniform(0.2, 1.2, 7)
        prices = np.exp(np.cumsum(np.concatenate([[5.0], np.log2(0.8) * x + 0.1 * numbers.standard_normal(7)])))
        low, high = fitted(prices, x).rate_between()
        held += low <= 0.2 <= high
    assert held / 3000 == pytest.approx(0.9, abs=0.017)


def test_quantiles_of_a_sum_are_those_of_the_sum() -> None:
    parts = stats.norm.ppf((np.arange(300) + 0.5) / 300)[:, None]
    found = added(10 + 3 * parts, 20 + 4 * parts, SHARES)[:, 0]
    assert found == pytest.approx(30 + 5 * stats.norm.ppf(SHARES), abs=0.05)
    fixed = added(10 + 3 * parts, np.full((300, 1), 2.0), SHARES)[:, 0]
    assert fixed == pytest.approx(12 + 3 * stats.norm.ppf(SHARES), abs=0.05)  # three hundred parts


def test_too_little_to_fit_is_told() -> None:
    with pytest.raises(ValueError, match="three prices above 0"):
        fitted(np.array([1.0, 2.0]), np.ones(1))
    with pytest.raises(ValueError, match="three prices above 0"):
        fitted(np.array([1.0, 0.0, 2.0]), np.ones(2))


def by_hand(series: str, chemistry: str, region: str, kg: dict[str, float]) -> dict[tuple[str, str, int], float]:
    """Return what each curve tells of 2023 to 2025 by (curve, mineral, year), worked out from the rows of the facts."""
    rows = facts.table("prices")

    def years(*names: str) -> dict[int, float]:
        chosen = rows.filter(pl.col("series").is_in(names) & (pl.col("period").str.len_chars() == 4))
        return {int(p): v for p, v in chosen.select("period", "value").iter_rows()}

    price = years(series)
    volume = facts.table("volumes").filter((pl.col("chemistry") == chemistry) & (pl.col("region") == region))
    total = {y: volume.filter(pl.col("year") <= y)["gwh"].sum() for y in range(2015, 2026)}
    ore = {y: sum(k / 1000 * years(m, f"{m}_to_2017")[y] for m, k in kg.items()) for y in range(2015, 2026)}
    told = {}
    for later in (2023, 2024, 2025):
        h = later - 2022
        told["last price", "none", later] = price[2022]
        told["trend in time", "none", later] = price[2022] * (price[2022] / price[2015]) ** (h / 7)
        for curve, bare in (("volume", price), ("volume and minerals", {y: price[y] - ore[y] for y in ore})):
            xs = [np.log(total[y] / total[y - 1]) for y in range(2016, 2023)]
            ys = [np.log(bare[y] / bare[y - 1]) for y in range(2016, 2023)]
            slope = np.linalg.lstsq(np.array(xs)[:, None], np.array(ys), rcond=None)[0][0]
            learnt = bare[2022] * (total[later] / total[2022]) ** slope
            told[curve, "none" if curve == "volume" else "known", later] = (
                learnt + (price[2022] != bare[2022]) * ore[later]
            )
    return told  # fmt: skip


@pytest.mark.parametrize("history", HISTORIES[:3], ids=lambda one: one.chemistry)
def test_the_back_test_is_what_one_works_out_by_hand(history) -> None:
    found = backtest().filter(pl.col("series") == history.series)
    expected = by_hand(history.series, history.chemistry, history.region, dict(history.minerals))
    seen = 0
    for row in found.filter(pl.col("mineral") != "as then").iter_rows(named=True):
        assert row["predicted_usd"] == pytest.approx(expected[row["curve"], row["mineral"], row["year"]])
        assert row["told_usd"] == yearly(row["series"])[row["year"]]
        assert row["error_share"] == pytest.approx(row["predicted_usd"] / row["told_usd"] - 1)
        assert row["inside"] == ("yes" if row["low_usd"] <= row["told_usd"] <= row["high_usd"] else "no")
        seen += 1
    assert seen == (12 if history.minerals else 9)


def test_a_band_that_lets_minerals_wander_is_wider_than_one_that_knows_them() -> None:
    found = backtest().filter(pl.col("curve") == "volume and minerals")
    wide = found.with_columns(wide=(pl.col("high_usd") / pl.col("low_usd"))).pivot(
        "mineral", index=["name", "year"], values="wide"
    )
    assert wide.height == 6
    assert (wide["as then"] > wide["known"]).all()


def test_chemistries_of_few_years_are_not_fitted_and_say_so() -> None:
    found = learned()
    few = found.filter(pl.col("chemistry").is_in(["sodium-ion", "semi-solid", "solid-state"]))
    assert few.height == 3
    assert few["verdict"].str.starts_with("too few years").all()
    assert few["learning_rate"].null_count() == 3
    assert set(backtest()["name"]) == set(found.filter(pl.col("learning_rate").is_not_null())["name"])


def test_rates_of_the_facts_agree_with_published_ones() -> None:
    """Cells: 20 % for all and 24 % for cylindrical ones per doubling of what has been sold, 1992 to 2016 (Ziegler and
    Trancik, Energy and Environmental Science 14, 2021, abstract). Packs of electric vehicles: 16 +- 4 % (Schmidt et
    al., Nature Energy 2, 2017)."""
    found = {row["chemistry"]: row for row in learned().iter_rows(named=True)}
    for chemistry in ("LFP", "NMC"):
        assert found[chemistry]["rate_low"] < 0.20 < 0.24 < found[chemistry]["rate_high"]
        assert found[chemistry]["bare_rate"] > found[chemistry]["learning_rate"]
    assert 0.12 < found["mix"]["learning_rate"] < 0.20


def test_scores_are_those_of_all_back_tests_together() -> None:
    found = scores(2021)
    row = found.row(by_predicate=(pl.col("name") == "NMC cells, China") & (pl.col("mineral") == "known"), named=True)
    runs = [backtest(until) for until in (2021, 2022, 2023, 2024)]
    told = pl.concat(runs).filter((pl.col("name") == "NMC cells, China") & (pl.col("mineral") == "known"))
    errors = np.log(told["predicted_usd"].to_numpy() / told["told_usd"].to_numpy())
    assert row["forecasts"] == 4 + 3 + 2 + 1
    assert row["typical_error_share"] == pytest.approx(np.exp(np.sqrt(np.mean(errors**2))) - 1)
    assert row["inside_share"] == pytest.approx((told["inside"] == "yes").mean())
    assert found.filter(pl.col("curve") == "last price")["of_last_price"].to_list() == pytest.approx([1.0] * 3)


def test_the_tutorial_tells_the_errors_that_the_back_test_finds() -> None:
    page = (ROOT / "docs" / "tutorial-roadmap.md").read_text()
    rows = re.findall(r"^\| (\w+).*?, (last price|volume|volume and minerals)( as they came)? \|(.*)\|$", page, re.M)
    assert len(rows) == 5
    for start, curve, came, cells in rows:
        found = backtest().filter(
            pl.col("name").str.starts_with(start) & (pl.col("curve") == curve)
            & (pl.col("mineral") == ("known" if came else "none"))
        )  # fmt: skip
        errors = [f"{error:.0%}".replace("%", " %") for error in found["error_share"]]
        assert [cell.strip() for cell in cells.split("|")] == errors


def test_the_tutorial_tells_the_bands_of_lfp_in_2030() -> None:
    page = (ROOT / "docs" / "tutorial-roadmap.md").read_text().replace("\n", " ")
    found = cr.roadmap("casip", draws=10)
    in_2030 = (pl.col("chemistry") == "LFP") & (pl.col("year") == 2030)
    built, past = (
        found.costs().row(by_predicate=in_2030, named=True),
        found.outlook().row(by_predicate=in_2030, named=True),
    )
    assert f"${past['p50']:.0f} against ${built['p50']:.0f} in 2030" in page
    for low, high in (
        (built["p05"], built["p95"]),
        (built["stray_low"], built["stray_high"]),
        (past["p05"], past["p95"]),
    ):
        assert f"between ${low:.0f} and ${high:.0f}" in page


def flat(chemistry: str) -> pl.DataFrame:
    volumes = {"chemistry": chemistry, "year": [2025, 2026, 2030]}
    return outlook(programme([{"gate": "a"}], volumes=pl.DataFrame(
        volumes | dict.fromkeys(("gwh_low", "gwh_likely", "gwh_high"), [1000.0] * 3)
    )))  # fmt: skip


def test_without_growth_the_outlook_stays_at_the_last_price_and_gets_less_sure() -> None:
    found = flat("LFP")
    last = yearly("lfp_cell_cn")[2025]
    assert found["year"].to_list() == [2026, 2030]
    assert found["p50"].to_list() == pytest.approx([last, last], rel=0.2)  # of skewed parts: above their sum
    assert (found["p95"] / found["p05"]).is_sorted()
    assert flat("sodium-ion").is_empty()


def test_what_a_programme_assumes_stands_beside_what_was_learnt() -> None:
    part = {"component": ["a", "b"], "usd_per_kwh": [20.0, 10.0], "learning_likely": [0.5, 0.0],
            "floor_usd_per_kwh": [0.0, 0.0]}  # fmt: skip
    volumes = {"year": [2025, 2035], **{key: [1000.0, 4000.0] for key in ("gwh_low", "gwh_likely", "gwh_high")}}
    both = [pl.DataFrame({"chemistry": name} | part) for name in ("LFP", "NMC")]
    slow = both[1].with_columns(learning_likely=pl.lit(0.02))
    made = pl.concat([pl.DataFrame({"chemistry": name} | volumes) for name in ("LFP", "NMC")])
    read = programme([{"gate": "a"}], components=pl.concat([both[0], slow]), volumes=made)
    found = {row["chemistry"]: row for row in beside(read).iter_rows(named=True)}
    assert found["LFP"]["assumed_rate"] == pytest.approx(1 - ((20 / 4 + 10) / 30) ** 0.5)
    assert found["LFP"]["against_past"] == "within"
    assert found["NMC"]["assumed_rate"] == pytest.approx(0.02)
    assert found["NMC"]["against_past"] == "slower"
    assert found["sodium-ion"]["assumed_rate"] is None and found["sodium-ion"]["against_past"] is None


def value(text: str) -> float:
    """Return what a sum of products comes to; nothing but figures is read."""
    assert re.fullmatch(r"[\d. ()+/x-]+", text), text
    return float(eval(text.replace("x", "*"), {"__builtins__": {}}))


def test_prices_of_years_are_worked_out_from_quotes_and_rates_that_are_facts() -> None:
    prices = facts.prices()
    rates = yearly("cny_per_usd")
    for name in ("lfp", "nmc"):
        for row in prices.filter(pl.col("series") == f"{name}_cell_cn").iter_rows(named=True):
            year = int(row["period"])
            assert row["value"] == pytest.approx(value(row["basis"]), abs=0.05)
            assert f"/ {rates[year]:g} " in row["basis"] or "/" not in row["basis"]
            if year >= 2023:
                months = pl.col("period").str.starts_with(f"{year}-")
                quotes = prices.filter((pl.col("series") == f"{name}_cell_quote") & months)["value"].to_list()
                assert value(row["basis"]) == pytest.approx(np.mean(quotes) / 1.13 / rates[year] * 1000)


def test_a_cell_is_three_quarters_of_its_pack() -> None:
    pairs = facts.prices().filter(pl.col("period").is_in(["2024-03-11", "2024-11-07", "2025-09-15", "2025-11-10"]))
    kinds = {kind: pairs.filter(pl.col("series").str.ends_with(f"{kind}_quote")).sort("chemistry", "period")["value"]
             for kind in ("cell", "pack")}  # fmt: skip
    assert kinds["cell"].len() == kinds["pack"].len() == 8
    assert float((kinds["cell"] / kinds["pack"]).mean() or 0) == pytest.approx(0.75, abs=0.01)


def test_volumes_reach_what_was_told_of_all_chinese_vehicles_by_june_2022() -> None:
    """531.9 GWh by then and 110.1 in its first half, of all chemistries (Xinhua and People's Daily, July 2022)."""
    both = made("LFP", "China")[2021] + made("NMC", "China")[2021]
    assert 0.95 < both / (531.9 - 110.1) <= 1.0


def test_kilograms_of_minerals_are_those_of_the_formula_and_some_loss() -> None:
    """LiNi0.6Mn0.2Co0.2O2 of 175 mAh/g at 3.7 V; LiFePO4 of 155 mAh/g at 3.2 V."""
    weight = {"Li": 6.94, "Ni": 58.69, "Mn": 54.94, "Co": 58.93, "O": 16.0, "Fe": 55.85, "P": 30.97, "C": 12.01}
    nmc = weight["Li"] + 0.6 * weight["Ni"] + 0.2 * (weight["Mn"] + weight["Co"]) + 2 * weight["O"]
    lfp = weight["Li"] + weight["Fe"] + weight["P"] + 4 * weight["O"]
    carbonate = weight["Li"] + weight["C"] / 2 + 1.5 * weight["O"]
    kg = {h.chemistry: h.minerals for h in HISTORIES}
    of_nmc, of_lfp = 1 / (0.175 * 3.7) / nmc, 1 / (0.155 * 3.2) / lfp
    least = {"usgs_li2co3": carbonate * of_nmc, "lme_nickel": 0.6 * weight["Ni"] * of_nmc,
             "us_cobalt": 0.2 * weight["Co"] * of_nmc}  # fmt: skip
    for mineral, mass in least.items():
        assert mass < kg["NMC"][mineral] < 1.15 * mass
    assert carbonate * of_lfp < kg["LFP"]["usgs_li2co3"] < 1.3 * carbonate * of_lfp
