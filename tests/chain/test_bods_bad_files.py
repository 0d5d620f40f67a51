"""A file of owners that cannot be read is told as findings, every kind of it, and never as a traceback."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.owning import entity, holds, lines, put, shares

from cellroad.chain.bods import read_bods
from cellroad.chain.exchange import read_holdings
from cellroad.chain.finding import ChainError
from cellroad.chain.followthemoney import read_followthemoney
from cellroad.chain.gleif import read_gleif

A, B = entity("a", "Alpha"), entity("b", "Beta")
GOOD = json.dumps([A, B, holds("r", "a", "b", shares(50))])
FTM = {"id": "x", "schema": "Company", "properties": {"name": ["Acme"]}}
LEI = "529900T8BM49AURSDO55"
DEEP = json.loads("[" * 80 + "]" * 80)


def zipped(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as pack:
        for name in names:
            pack.writestr(name, GOOD)
    return held.getvalue()


def relation(**changed: str) -> str:
    row = {"Relationship.StartNode.NodeID": LEI, "Relationship.EndNode.NodeID": LEI,
           "Relationship.RelationshipType": "IS_DIRECTLY_CONSOLIDATED_BY", **changed}  # fmt: skip
    return ",".join(row) + "\n" + ",".join(row.values()) + "\n"


BAD: dict[str, Any] = {
    "empty": b"",
    "only blanks": b" \n\t\n",
    "only a mark": b"\xef\xbb\xbf",
    "no JSON": b"hello",
    "cut off": GOOD[:-20],
    "comma too many": GOOD[:-1] + ",]",
    "wrong brackets": GOOD[:-1] + "}",
    "two documents": GOOD + GOOD,
    "a broken line": lines(A, B) + '{"statementId": \n',
    "Latin-1": GOOD.replace("Alpha", "Gesellschäft").encode("latin-1"),
    "bytes": bytes(range(256)) * 10,
    "an image": b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
    "UTF-16 cut": GOOD.encode("utf-16")[:-1],
    "deep lists": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "deep statement": GOOD.replace('"Alpha"', "[" * 700 + "]" * 700),
    "deep beside the standard": GOOD.replace('"recordId"', '"x": ' + "[" * 300 + "]" * 300 + ', "recordId"', 1),
    "a deep entity": lines({**FTM, "properties": {"name": [DEEP]}}),
    "a deep record": '{"records": [' + '{"a":' * 300 + "1" + "}" * 300 + "]}",
    "NaN": GOOD.replace("50", "NaN"),
    "infinity": GOOD.replace("50", "-Infinity"),
    "a number without end": GOOD.replace("50", "1" * 5000),
    "an exponent without end": GOOD.replace("50", "1e" + "9" * 30),
    "a share above all": GOOD.replace("50", "1e99999"),
    "a number as text": GOOD.replace("50", '"50"'),
    "half a character": GOOD.replace("Alpha", "\\ud83d"),
    "a field twice": GOOD.replace('"recordId": "a"', '"recordId": "a", "recordId": "b"'),
    "an object": json.dumps({"statements": json.loads(GOOD)}),
    "a list of numbers": "[1, 2, 3]",
    "a list of nothing": "[null]",
    "a list of lists": "[[[]]]",
    "numbers a line": "[1]\n[2]\n",
    "statements of a zip of two": zipped("a.json", "b.json"),
    "a zip cut off": zipped("a.json")[:200],
    "BODS of before": json.dumps([{"statementID": "x" * 32, "statementType": "personStatement"}]),
    "a table of others": "name,city\nAcme,Reno\n",
    "a row too long": relation() + "a,b,c,d,e\n",
    "a quote that stays open": relation() + '"abc,def',
    "no LEI": relation(**{"Relationship.EndNode.NodeID": "ACME"}),
    "no type of relation": relation(**{"Relationship.RelationshipType": ""}),
    "records that are none": json.dumps({"records": [1, 2]}),
    "relations that are none": json.dumps({"relations": {"a": 1}}),
    "an entity without properties": lines(FTM, {**FTM, "properties": None}),
    "an entity without id": lines(FTM, {"schema": "Company", "properties": {}}),
    "an entity with a number": lines(FTM, {**FTM, "properties": {"name": [5]}}),
    "an entity with a bare text": lines(FTM, {**FTM, "properties": {"name": "Acme"}}),
    "an entity that is a list": lines(FTM, [1]),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_told_in_words(kind: str, tmp_path: Path) -> None:
    path = put(tmp_path / "owners.any", BAD[kind])
    with pytest.raises(ChainError) as caught:
        read_holdings(path)
    assert caught.value.findings
    for finding in caught.value.findings:
        assert finding.severity == "blocker"
        assert finding.table == "owners.any"
        assert finding.found and finding.expected and finding.mend
        assert len(str(finding)) < 600


@pytest.mark.parametrize("read", [read_bods, read_followthemoney, read_gleif])
def test_a_place_that_is_no_file_is_told(read: Any, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "missing.json", tmp_path / "missing" / "x.json"):
        with pytest.raises(ChainError):
            read(place)


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("read", [read_bods, read_followthemoney, read_gleif])
def test_no_reader_trips_over_the_file_of_another(kind: str, read: Any, tmp_path: Path) -> None:
    with pytest.raises(ChainError):
        read(put(tmp_path / "owners.any", BAD[kind]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str, tmp_path: Path) -> None:
    path = put(tmp_path / "owners.any", GOOD.replace("Alpha", "宁德时代 ä").encode(encoding))
    assert read_bods(path).partners["name"].to_list() == ["宁德时代 ä", "Beta"]


def test_a_zip_of_one_file_is_that_file(tmp_path: Path) -> None:
    assert read_bods(put(tmp_path / "owners.zip", zipped("a.json"))).stakes.height == 1


@given(st.binary(max_size=200))
def test_no_bytes_bring_a_reader_down(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = put(tmp_path_factory.mktemp("any") / "x", data)
    for read in (read_holdings, read_bods, read_followthemoney, read_gleif):
        try:
            read(path)
        except ChainError as error:
            assert error.findings


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-200, 200) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "entity", "relationship", "2024-01-01", LEI, "x" * 32]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(
        st.sampled_from(["statementId", "recordId", "recordType", "recordDetails", "id", "schema", "properties", "LEI",
                         "$", "records", "relations", "exceptions", "RelationshipRecord", "Relationship", "name"]),
        part, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_no_json_brings_a_reader_down(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = put(tmp_path_factory.mktemp("any") / "x", json.dumps(value))
    for read in (read_holdings, read_bods, read_followthemoney, read_gleif):
        try:
            read(path)
        except ChainError as error:
            assert error.findings
