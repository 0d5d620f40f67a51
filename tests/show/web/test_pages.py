"""Cells, known packs, home and the API: each says what its command says, and the description is what is served."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from cellroad.chain import facts
from cellroad.engineering import catalogue
from cellroad.engineering.design.specification import KEYS
from cellroad.show.page import asset
from cellroad.show.web import commanded
from cellroad.show.web.app import VERBS
from cellroad.show.web.replies import ASSETS, stamp
from cellroad.show.web.schema import Problem
from cellroad.show.web.verb import MENU


def test_cells_and_packs_are_those_of_the_commands(client, run):
    for verb in ("cells", "packs"):
        wanted = run(verb, "--json").machine
        assert client.get(f"/{verb}.json").json() == wanted
        assert client.get(f"/api/v1/{verb}").json() == wanted


def test_every_cell_is_listed_with_its_source_and_its_page(client):
    text = client.get("/cells").text
    titles = dict(facts.table("sources").select("source_id", "title").iter_rows())
    for row in facts.cells().iter_rows(named=True):
        page = client.get(f"/cells/{row['cell_id']}")
        assert page.status_code == 200
        assert (titles.get(row["source_id"]) or "").split("'")[0].split("&")[0] in page.text
    for cell in catalogue.cells():
        assert f"/cells/{cell.cell_id}" in text
    for finding in catalogue.refusals():
        if finding.severity == "blocker":
            assert finding.mend.split("'")[0] in text


def test_cells_are_found_by_a_word_and_sorted(client):
    found = client.get("/api/v1/cells?find=cbak").json()["cells"]
    assert found
    assert all("CBAK" in row["cell"] for row in found)
    text = client.get("/cells?find=CBAK&sort=-Ah").text
    assert all(f"/cells/{row['cell_id']}" in text for row in found)
    assert client.get("/cells/nothing").status_code == 404


def test_known_packs_are_told_with_their_errors(client, run):
    text = client.get("/packs").text
    assert run("packs").out.strip().splitlines()[-1] in text
    plain = text.replace("&#39;", "'").replace("&amp;", "&")
    assert all(row["name"] in plain for row in client.get("/packs.json").json()["packs"])


EXAMPLES = [(verb.VERB.name, address) for verb in VERBS for _, _, address in verb.VERB.examples]


@pytest.mark.parametrize(("name", "address"), [one for one in EXAMPLES if one[0] in ("life", "certify")])
def test_a_verb_that_is_its_command_says_what_the_command_says(client, run, name, address):
    words = parse_qsl(urlsplit(address).query)
    (place,) = (option.key for option in commanded.options(name) if option.needed)
    regions = ",".join(text for key, text in words if key == "regions")
    told = dict(words) | ({"regions": regions} if regions else {})
    flags = [f"--{key.replace('_', '-')}={text}" for key, text in told.items() if key != place]
    wanted = run(name, told[place], *flags, "--json").machine
    query = address.partition("?")[2]
    assert client.get(f"/{name}.json?{query}").json() == wanted
    assert client.get(f"/api/v1/{name}?{query}").json() == wanted
    page = client.get(address)
    assert page.status_code == 200
    for part in page.text.split(f'href="/{name}/')[1:]:
        file = client.get(f"/{name}/{part.split(chr(34))[0].replace('&amp;', '&')}")
        assert (file.status_code, file.headers["content-type"]) == (200, "text/csv; charset=utf-8")


@pytest.mark.parametrize("name", ["life", "certify"])
def test_every_option_of_a_command_but_files_is_in_its_form(client, name):
    from cellroad.show.cli import build

    command = build()[name].default_command
    wanted = {
        key for key, parameter in inspect.signature(command, eval_str=True).parameters.items()
        if key != "face" and parameter.annotation != Path | None
    }  # fmt: skip
    assert {option.key for option in commanded.options(name)} == wanted
    assert all(option.meaning for option in commanded.options(name))
    text = client.get(f"/{name}").text
    assert all(f'name="{key}"' in text for key in wanted)


def test_everything_wrong_with_a_command_is_told_at_once_beside_its_field(client):
    words = {"cell": "CL010", "depth": "1.5", "years": "many", "layou": "3", "history": "x.csv", "json": "true"}
    page = client.get("/life", params=words)
    assert page.status_code == 422
    for key in ("depth", "years"):
        assert f'id="{key}-wrong"' in page.text
    reply = client.get("/api/v1/life", params=words)
    assert {one.column for one in Problem.model_validate(reply.json()).findings} == words.keys() - {"cell"}
    assert client.get("/api/v1/life").json()["findings"][0]["column"] == "cell"


STRANGE = (
    {"cell": "--help"}, {"cell": "nix"}, {"cell": "CL010", "layout": "--json"}, {"cell": "CL010", "place": "Atlantis"},
    {"cell": "CL010", "least": "3"},
)  # fmt: skip


@pytest.mark.parametrize("words", STRANGE)
def test_what_a_command_refuses_is_told(client, words):
    reply = client.get("/api/v1/life", params=words)
    assert reply.status_code == 422
    assert Problem.model_validate(reply.json()).findings[0].mend
    assert client.get("/life", params=words).status_code == 422


def test_home_names_every_verb_and_every_link_of_it_leads_somewhere(client):
    assert [verb.VERB.name for verb in VERBS] == [name for name, _ in MENU]
    text = client.get("/").text
    assert all(f'href="/{verb.VERB.name}"' in text for verb in VERBS)
    for part in text.split('<a href="')[1:]:
        assert client.get(part.split('"')[0].replace("&amp;", "&")).status_code == 200


def test_the_api_is_described_as_it_is(client):
    told = client.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for verb in VERBS:
        assert f"/api/v1/{verb.VERB.name}" in told["paths"]
    asked = {one["name"]: one for one in told["paths"]["/api/v1/design"]["get"]["parameters"]}
    assert asked.keys() == {*KEYS, "cells", "chain", "rank", "why"}
    assert all(KEYS[key][2] in asked[key]["description"] for key in KEYS)
    known = told["components"]["schemas"]
    for reference in _references(told):
        assert reference.removeprefix("#/components/schemas/") in known, reference
    page = client.get("/api").text
    assert all(path in page for path in told["paths"])


def _references(value) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for part in value.values() for found in _references(part)]
    return [found for part in value for found in _references(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", ASSETS)
def test_assets_are_served_once_and_for_long(client, name):
    reply = client.get(f"/assets/{name}?v={stamp(name)}")
    assert reply.status_code == 200
    assert "immutable" in reply.headers["cache-control"]
    if name == "echarts.min.js":
        assert reply.text == asset(name)
    assert client.get("/assets/../app.py").status_code == 404
    assert client.get("/assets/VENDORED.toml").status_code == 404


def test_answers_for_programs_are_json(client):
    assert client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
    assert json.loads(client.get("/api/v1/nothing").text)["status"] == 404
