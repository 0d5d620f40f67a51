"""`design` on the web answers what `cr.design` answers, in every form in which it answers at all."""

from __future__ import annotations

import io
import json
import tomllib
from urllib.parse import parse_qsl, urlsplit

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cellroad as cr
from cellroad.chain import examples
from cellroad.chain.finding import ChainError
from cellroad.engineering.design.specification import KEYS, keys_of, specified
from cellroad.engineering.design.writing import in_words, toml
from cellroad.show.design_json import machine
from cellroad.show.design_page import design_page
from cellroad.show.terminal import plain
from cellroad.show.web import form
from cellroad.show.web.asking import Asked, asked
from cellroad.show.web.schema import DesignAnswer, Problem
from cellroad.show.web.verbs.design import VERB
from cellroad.show.web.verbs.design_files import SHEETS

HOME = "use=storage-residential&nominal=100V&energy=5kWh"
WORDS = {"use": "storage-residential", "nominal": "100V", "energy": "5kWh"}
SHEET = "maker,model,chemistry,format,capacity_Ah,nominal_V,min_V,max_V,mass_g,len_or_dia_mm,width_mm,height_mm\n"
CELL = "Ours,X50,LFP,prismatic,50,3.2,2.5,3.65,1050,148,26.7,98\n"


@pytest.fixture(scope="module")
def home():
    return cr.design(**WORDS)


def test_every_shipped_specification_is_answered_as_by_the_package(client):
    assert len(VERB.examples) == len(examples.packs())
    for place, (_, _, address) in zip(examples.packs().values(), VERB.examples, strict=True):
        told = client.get(address.replace("/design?", "/api/v1/design?")).json()
        assert told == plain(machine(cr.design(place))), place
        assert client.get(address).status_code == 200
        DesignAnswer.model_validate(told)


def test_the_answer_is_that_of_the_command(client, run):
    options = [word for key, text in WORDS.items() for word in (f"--{key}", text)]
    written = run("design", *options, "--rank", "2", "--why", "LF280K", "--json").machine
    told = client.get(f"/design/2.json?{HOME}&why=LF280K").json()
    assert written.pop("written") == {}
    assert told == written
    assert client.get(f"/api/v1/design?{HOME}&rank=2&why=LF280K").json() == written
    body = {**WORDS, "energy": 5, "nominal": "100 V", "rank": 2, "why": "LF280K"}
    assert client.post("/api/v1/design", json=body).json() == written


def test_every_table_says_as_csv_what_it_says_as_json(client, home):
    told = client.get(f"/design/3.json?{HOME}").json()
    assert _same(client.get(f"/design.csv?{HOME}"), told["pareto"])
    assert _same(client.get(f"/design/out.csv?{HOME}"), told["out"])
    for name in ("figures", "bill", "cost", "mass", "protection", "checks", "life", "certificates"):
        assert _same(client.get(f"/design/3/{name}.csv?{HOME}"), told["sheet"][name]), name
    for name, table in SHEETS.items():
        frame = table(home.sheet(3))
        reply = client.get(f"/design/3/{name}.csv?{HOME}")
        assert (reply.status_code, _read(reply).shape) == (200, frame.shape), name
    assert client.get(f"/design/3/bms.json?{HOME}").json() == told["sheet"]["limits"]
    layouts = _read(client.get(f"/design/layouts.csv?{HOME}"))
    assert layouts["mass_kg"].to_list() == pytest.approx(home.layouts["mass_kg"].to_list())


def test_the_file_of_a_pack_is_that_of_the_command(client, home):
    reply = client.get(f"/design/2.html?{HOME}")
    assert reply.text == design_page(home, 2)
    assert reply.headers["content-disposition"].startswith("attachment")


def test_the_page_of_an_answer_shows_every_pack_and_sorts_them(client, home):
    text = client.get(f"/design?{HOME}").text
    for row in home.pareto.iter_rows(named=True):
        assert f"/design/{row['rank']}?use=storage-residential" in text
    assert all(words in text for words in home.assumptions() if "&" not in words and "'" not in words)
    lightest = client.get(f"/design?{HOME}&sort=mass_kg").text
    ranks = home.pareto.sort("mass_kg", maintain_order=True)["rank"].to_list()
    places = [lightest.index(f'href="/design/{rank}?use', lightest.index('id="packs"')) for rank in ranks]
    assert places == sorted(places)
    assert 'aria-sort="ascending"' in lightest
    assert client.get(f"/design?{HOME}&sort=;drop").status_code == 200


def test_the_page_of_a_pack_has_what_its_file_has(client, home):
    sheet = home.sheet(2)
    text = client.get(f"/design/2?{HOME}").text
    assert f"{sheet.layout.name} of {sheet.layout.cell.name}" in text
    assert '<svg class="drawing"' in text or "<title>" in text
    assert all(f'data-chart="{name}"' in text for name in ("front", "discharge", "day", "power", "life"))


# The form -------------------------------------------------------------------------------------------------------------


def test_every_key_of_the_declaration_is_in_the_form_once(client):
    assert sorted(key for keys in form.GROUPS.values() for key in keys) == sorted(KEYS)
    text = client.get("/design").text
    for key in KEYS:
        assert f'name="{key}"' in text, key
        assert f'id="{key}-hint"' in text
        assert f'for="{key}"' in text or form.field(key, "").many, key


def test_a_form_that_is_sent_leads_to_the_address_that_says_the_same(client):
    filled = dict.fromkeys(KEYS, "") | WORDS | {"chemistry": ["LFP", "NMC"], "cells": SHEET + CELL}
    reply = client.post("/design", data=filled)
    assert reply.status_code == 303
    address = urlsplit(reply.headers["location"])
    assert address.path == "/design"
    told = asked(parse_qsl(address.query))
    assert told == Asked({**WORDS, "chemistry": "LFP, NMC"}, (SHEET + CELL).strip())
    shown = client.get(reply.headers["location"]).text
    assert shown.count(" checked") == 2
    assert "Ours,X50" in shown


@pytest.mark.parametrize("place", examples.packs().values(), ids=lambda place: place.stem)
def test_a_specification_comes_back_as_it_was_sent(client, place):
    with place.open("rb") as file:
        reply = client.post("/design/file", files={"specification": (place.name, file, "application/toml")})
    assert reply.status_code == 303
    back = client.get(reply.headers["location"].replace("/design?", "/design.toml?"))
    assert specified(**tomllib.loads(back.text)) == specified(**tomllib.loads(place.read_text()))


@settings(max_examples=60, derandomize=True)
@given(st.dictionaries(st.sampled_from(list(KEYS)), st.text(st.characters(codec="utf-8"), max_size=12)))
def test_words_written_as_toml_read_the_same(words):
    assert tomllib.loads(toml(words)) == {key: text for key, text in words.items() if text.strip()}


VALUES = {
    "name": "Ours", "use": "ev", "nominal": [95, 105], "voltage": [80.5, 116.8], "energy": [5, 6.5], "power": 3,
    "peak_power": 6.5, "peak_s": 10.0, "charge_power": 2, "temperature": -5, "mass": 60, "volume": 80.25,
    "size": [600, 400.5, 200], "units": 2, "chemistry": ["LFP", "NMC"], "maker": ["EVE"], "format": ["prismatic"],
    "cell": ["CL001"], "confidence": "verified", "cooling": "air", "inverter": 3, "on_road": True, "by_air": False,
    "years": 10, "cycles_per_day": 1, "regions": ["US", "EU"], "prefer": "mass", "packs_per_year": 5e3,
    "cell_price": 55.5,
}  # fmt: skip


def test_values_of_every_key_mean_the_same_in_words():
    assert VALUES.keys() == KEYS.keys()
    words = in_words(VALUES)
    assert specified(**words) == specified(**VALUES)
    assert specified(**tomllib.loads(toml(words))) == specified(**VALUES)
    assert in_words(keys_of(toml(words).encode(), "x.toml")) == words


# Cells of one's own ---------------------------------------------------------------------------------------------------


def test_a_row_of_ones_own_joins_the_catalogue_however_it_is_sent(client, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(SHEET + CELL)
    wanted = plain(machine(cr.design(**WORDS, cells=file)))
    assert any(row["cell"] == "Ours X50" for row in wanted["pareto"])
    tabs = (SHEET + CELL).replace(",", "\t")
    for text in (SHEET + CELL, tabs):
        assert client.get("/api/v1/design", params={**WORDS, "cells": text}).json() == wanted
    row = dict(zip(SHEET.strip().split(","), CELL.strip().split(","), strict=True))
    assert client.post("/api/v1/design", json={**WORDS, "cells": [row]}).json() == wanted
    sent = client.post("/design", data=WORDS, files={"cells_file": ("mine.csv", file.read_bytes(), "text/csv")})
    assert client.get(sent.headers["location"].replace("/design?", "/design.json?")).json() == wanted


def test_a_row_that_cannot_be_is_refused_beside_the_field(client):
    text = SHEET + CELL.replace(",1050,", ",1.05,") + "B,y,LFP,prismatik,50,3.2,,,1050,148,26.7,98\n"
    page = client.get("/design", params={**WORDS, "cells": text, "mass": "x"})
    assert page.status_code == 422
    wrong = page.text[page.text.index('id="cells-wrong"') :]
    assert "Row 2, mass_g" in wrong
    assert "Row 3, format" in wrong
    assert 'id="mass-wrong"' in page.text
    findings = client.get("/api/v1/design", params={**WORDS, "cells": text, "mass": "x"}).json()["findings"]
    assert {(one["table"], one["row"], one["column"]) for one in findings} == {
        ("specification", None, "mass"), ("cells", 2, "mass_g"), ("cells", 3, "format"),
    }  # fmt: skip


def test_a_sheet_that_no_address_can_hold_is_told(client):
    reply = client.post("/design", data={**WORDS, "cells": SHEET + CELL * 1000})
    assert reply.status_code == 422
    assert "/api/v1/design" in reply.text


def test_cells_cost_what_a_chain_offers_them_at(client):
    told = client.get(f"/api/v1/design?{HOME}&chain=yousolar").json()
    assert told == plain(machine(cr.design(**WORDS, chain=cr.load("yousolar"))))
    assert told != client.get(f"/api/v1/design?{HOME}").json()
    assert client.get(f"/api/v1/design?{HOME}&chain=../x").json()["findings"][0]["column"] == "chain"


def test_a_pack_is_put_into_a_chain_as_by_the_package(client, tmp_path):
    query = "use=storage-residential&nominal=100V&energy=10kWh&cell=CL010&chain=yousolar"
    page = client.get(f"/design/1?{query}").text
    assert 'action="/design/1/chain.zip"' in page
    reply = client.get(f"/design/1/chain.zip?{query}&site=oakland&made_of=cell-b")
    assert reply.status_code == 200
    file = tmp_path / "yousolar.zip"
    file.write_bytes(reply.content)
    chain = cr.load("yousolar")
    found = cr.design(**{**WORDS, "energy": "10kWh"}, cell="CL010", chain=chain)
    joined = found.to_chain(chain, site="oakland", cell="cell-b")
    read = cr.load(file)
    assert all(read.tables[name].equals(joined.tables[name]) for name in ("items", "bom", "processes", "certificates"))
    cr.write(chain, tmp_path / "own.xlsx")
    words = {"site": "oakland", "made_of": "cell-b"}
    with (tmp_path / "own.xlsx").open("rb") as own:
        sent = client.post(f"/design/1/chain.zip?{query}", data=words, files={"chain_file": ("own.xlsx", own)})
    assert sent.status_code == 200
    file.write_bytes(sent.content)
    assert all(cr.load(file).tables[name].height == joined.tables[name].height for name in ("items", "bom"))
    assert client.post(f"/design/1/chain.zip?{query}", data=words).status_code == 422
    assert client.post(f"/design/1/chain.zip?{query}", files={"chain_file": ("../x.xlsx", b"x")}).status_code == 422
    wrong = client.get(f"/design/1/chain.zip?{query}&site=nowhere", headers={"accept": "text/html"})
    assert wrong.status_code == 422
    assert "nowhere" in wrong.text


# What goes wrong ------------------------------------------------------------------------------------------------------


def test_everything_wrong_is_told_at_once_beside_its_field(client):
    words = {"use": "boat", "energy": "much", "mass": "60 parsec", "units": "2.5", "enrgy": "5 kWh", "chain": "nowhere"}
    page = client.get("/design", params=words)
    assert page.status_code == 422
    with pytest.raises(ChainError) as caught:
        specified(**{key: value for key, value in words.items() if key != "chain"})
    for finding in caught.value.findings:
        beside = page.text[page.text.find(f'id="{finding.column}-wrong"') :] if finding.column in KEYS else page.text
        assert f"expected {finding.expected}".replace('"', "&#34;").replace("'", "&#39;")[:40] in beside
    beside_fields = [one for one in caught.value.findings if one.column in KEYS]
    assert page.text.count('aria-invalid="true"') == len(beside_fields) + 1  # the chain
    told = client.get("/api/v1/design", params=words)
    assert (told.status_code, told.headers["content-type"]) == (422, "application/problem+json")
    problem = Problem.model_validate(told.json())
    assert problem.type == "/api#cannot-be-read"
    assert {one.column for one in problem.findings} == {*words, "nominal"}


REFUSED = (
    {"mass": "20kg", "chemistry": "LFP"}, {"charge_power": "1kW", "temperature": "-15C", "chemistry": "LFP"},
    {"units": "1", "energy": "30kWh"}, {"cell": "CL037"}, {"years": "60 years"}, {"energy": "1e300 kWh"},
    {"units": "9" * 400}, {"energy": "1e999 kWh"}, {"nominal": "1-1e9 V"}, {"temperature": "-59C"},
)  # fmt: skip


@pytest.mark.parametrize("words", REFUSED, ids=str)
def test_what_is_designed_to_fail_is_refused_with_its_reason_and_a_way_that_works(client, words):
    told = client.get("/api/v1/design", params={**WORDS, **words})
    assert told.status_code == 422
    findings = told.json()["findings"]
    assert findings
    assert all(one["found"] and one["expected"] and one["mend"] for one in findings)
    page = client.get("/design", params={**WORDS, **words})
    assert page.status_code == 422
    for way in page.text.split('class="way" href="')[1:]:
        address = way.split('"')[0].replace("&amp;", "&")
        assert client.get(address).status_code == 200, address


def test_what_is_not_there_is_told(client):
    for address in (f"/design/999?{HOME}", f"/design/0?{HOME}", f"/design/1/nothing.csv?{HOME}", "/design/x"):
        reply = client.get(address)
        assert reply.status_code == 404, address
        assert "Traceback" not in reply.text
    assert client.get(f"/api/v1/design?{HOME}&rank=first").status_code == 422
    assert client.get(f"/api/v1/design?{HOME}&rank=999").json()["title"] == "Not there"
    assert client.get(f"/api/v1/design?{HOME}&why=nothing").json()["findings"][0]["column"] == "why"
    assert "No cell" in client.get(f"/design?{HOME}&why=nothing").text


@pytest.mark.parametrize("body", ["", "{", "[]", "3", '{"use": {}}', '{"rank": -1}', '{"cells": 3}', "NaN"])
def test_json_that_cannot_be_is_a_problem(client, body):
    reply = client.post("/api/v1/design", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 422
    assert Problem.model_validate(reply.json()).findings


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.dictionaries(
    st.sampled_from([*KEYS, "cells", "chain", "sort", "why"]), st.text(max_size=20),
))  # fmt: skip
def test_no_address_gives_a_fault_of_ours(client, words):
    reply = client.get("/design", params=words)
    assert reply.status_code in (200, 422), reply.text[:500]


def test_text_of_others_is_no_markup(client):
    evil = '<script>alert(1)</script>"><img src=x>'
    sheet = SHEET + CELL.replace("Ours", '"<img src=x onerror=alert(1)>"')
    for address, words in (
        ("/design", {**WORDS, "name": evil}), ("/design/1", {**WORDS, "name": evil, "cells": sheet}),
        ("/design", {**WORDS, "cells": sheet, "why": evil}), ("/design", {"use": evil, evil: evil}),
        ("/design/form", {**WORDS, "maker": evil, "cells": evil}),
    ):  # fmt: skip
        text = client.get(address, params=words).text
        assert "<script>alert" not in text
        assert "<img" not in text


def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_text(client):
    sheet = SHEET + CELL.replace("Ours", "=HYPERLINK(1)")
    read = _read(client.get("/design.csv", params={**WORDS, "cells": sheet}))
    assert "'=HYPERLINK(1) X50" in read["cell"]


def _read(reply):
    return pl.read_csv(io.BytesIO(reply.content), infer_schema_length=None)


def _same(reply, rows) -> bool:
    """Whether a table as CSV holds the rows that JSON holds."""
    wanted = pl.DataFrame(rows, infer_schema_length=None)
    read = _read(reply)
    assert read.columns == wanted.columns
    for name in read.columns:
        told, asked_for = read[name].to_list(), wanted[name].to_list()
        for one, other in zip(told, asked_for, strict=True):
            if isinstance(other, bool) or other in (None, ""):
                assert one in (other, None, str(other).lower()), (name, one, other)
            elif isinstance(other, int | float):
                assert float(one) == pytest.approx(other, rel=1e-12), name
            else:
                assert str(one) in (other, json.dumps(other), f"'{other}"), name
    return True
