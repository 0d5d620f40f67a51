"""What is written reads back unchanged, all or nothing is written, and no file of any kind ends in a traceback."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import dataframely as dy
import fastexcel
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.chain.making import chains
from tests.chain.small import TEXT, small_chain

from cellroad.chain import files
from cellroad.chain.chain import Chain
from cellroad.chain.column import reference_of, separator_of
from cellroad.chain.files import Form, inspect, load, read, write
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tables import TABLES, own_columns
from cellroad.chain.workbook import template

FORMS: dict[Form, str] = {"csv": "chain", "parquet": "columns", "xlsx": "chain.xlsx", "zip": "chain.zip"}


def assert_same(left: Chain, right: Chain) -> None:
    for table, frame in left.tables.items():
        assert_frame_equal(frame, right.tables[table], check_exact=True)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=8)
@given(chain=chains())
def test_what_is_written_reads_back_unchanged(form: Form, chain: Chain) -> None:
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / FORMS[form]
        write(chain, target, form)
        again, findings = inspect(target)
        assert again is not None, "\n".join(map(str, findings))
        assert findings == []
        assert_same(chain, again)


@pytest.mark.parametrize("form", FORMS)
def test_writing_again_replaces_what_was_there(form: Form, tmp_path: Path) -> None:
    target = tmp_path / FORMS[form]
    write(small_chain(), target, form)
    fewer = small_chain().replace(demand=small_chain().demand.head(1), certificates=small_chain().certificates.head(0))
    write(fewer, target, form)
    assert_same(fewer, read(target))
    assert sorted(p.name for p in tmp_path.iterdir()) == [FORMS[form]]


def test_a_folder_changes_form_without_leaving_the_old_one(tmp_path: Path) -> None:
    write(small_chain(), tmp_path / "chain")
    (tmp_path / "chain" / "README.md").write_text("mine")
    write(small_chain(), tmp_path / "chain", "parquet")
    suffixes = {path.suffix for path in (tmp_path / "chain").iterdir()}
    assert suffixes == {".parquet", ".md"}
    assert (tmp_path / "chain" / "README.md").read_text() == "mine"


def test_csv_has_every_declared_column_in_order_and_no_empty_table(tmp_path: Path) -> None:
    write(small_chain(), tmp_path / "chain")
    assert {path.stem for path in (tmp_path / "chain").iterdir()} == set(TEXT)
    header = (tmp_path / "chain" / "offers.csv").read_text().splitlines()[0]
    assert header.split(",") == list(own_columns(TABLES["offers"]))


def test_the_same_chain_makes_the_same_bytes(tmp_path: Path) -> None:
    for form, name in FORMS.items():
        first, second = tmp_path / "a" / name, tmp_path / "b" / name
        write(small_chain(), first, form)
        write(small_chain(), second, form)
        for path in [first] if first.is_file() else sorted(first.iterdir()):
            other = second if first.is_file() else second / path.name
            assert path.read_bytes() == other.read_bytes(), path.name


@pytest.mark.parametrize("form", FORMS)
def test_a_failed_write_leaves_the_old_chain_as_it_was(
    form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / FORMS[form]
    write(small_chain(), target, form)
    before = _bytes_under(tmp_path)
    calls = []

    def fail_in_the_middle(*args: object, **kwargs: object) -> None:
        calls.append(args)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", fail_in_the_middle)
    monkeypatch.setattr(pl.DataFrame, "write_parquet", fail_in_the_middle)
    monkeypatch.setattr(xlsxwriter.worksheet.Worksheet, "freeze_panes", fail_in_the_middle)
    with pytest.raises(ChainError, match="No space left"):
        write(small_chain().replace(demand=small_chain().demand.head(1)), target, form)
    assert len(calls) == 4
    assert _bytes_under(tmp_path) == before


@pytest.mark.parametrize("moves", range(1, 26, 4))
def test_a_failed_move_puts_the_old_files_back(moves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(small_chain(), tmp_path / "chain")
    (tmp_path / "chain" / "notes.txt").write_text("mine")
    before = _bytes_under(tmp_path)
    real, count = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == moves:
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(ChainError, match="Permission denied"):
        write(small_chain().replace(demand=small_chain().demand.head(1)), tmp_path / "chain")
    monkeypatch.undo()
    assert _bytes_under(tmp_path) == before


def _bytes_under(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Files that are no chain: path under tmp_path, its bytes, and what is told.
NO_CHAIN = [
    ("nothing.xlsx", b"", "cannot be read as a workbook", "save it anew"),
    ("broken.xlsx", b"PK\x03\x04 and then nothing", "cannot be read as a workbook", "save it anew"),
    ("broken.zip", b"PK\x03\x04 and then nothing", "an archive that cannot be read", "Pack it anew"),
    ("chain.txt", b"hello", "a file of the kind .txt", "Check the path"),
    ("items.csv", TEXT["items"].encode(), "a single table", "Give the folder that holds it"),
    ("chain/readme.txt", b"hello", "no table in it", "items, sites, offers and demand"),
]


@pytest.mark.parametrize(("name", "data", "found", "mend"), NO_CHAIN, ids=[name for name, *_ in NO_CHAIN])
def test_what_is_no_chain_is_told(name: str, data: bytes, found: str, mend: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    finding = _only_blocker(path.parent if "/" in name else path)
    assert found in finding.found
    assert mend in finding.mend


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "nothing at this path" in _only_blocker(tmp_path / "nowhere").found


def test_a_zip_without_tables_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chain.zip", "w") as pack:
        pack.writestr("notes.txt", "hello")
    assert "no table in it" in _only_blocker(tmp_path / "chain.zip").found


def test_a_zip_of_a_folder_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chain.zip", "w") as pack:
        for table, text in TEXT.items():
            pack.writestr(f"my-chain/{table}.csv", text)
            pack.writestr(f"__MACOSX/my-chain/._{table}.csv", b"\x00\x05")
    assert_same(read(tmp_path / "chain.zip"), small_chain())


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    write(small_chain(), tmp_path / "chain", "parquet")
    (tmp_path / "chain" / "items.parquet").write_bytes(b"PAR1 nothing PAR1")
    finding = _only_blocker(tmp_path / "chain")
    assert finding.table == "items"
    assert "items.parquet, which is no table" in finding.found


def test_one_table_in_two_files_is_told(tmp_path: Path) -> None:
    write(small_chain(), tmp_path / "chain")
    small_chain().items.write_parquet(tmp_path / "chain" / "items.parquet")
    finding = _only_blocker(tmp_path / "chain")
    assert (finding.table, finding.found) == ("items", "2 files or sheets for this table")


def test_a_misnamed_file_is_told_with_the_right_name(tmp_path: Path) -> None:
    write(small_chain(), tmp_path / "chain")
    (tmp_path / "chain" / "offer.csv").write_text("offer\n")
    _, findings = inspect(tmp_path / "chain")
    assert [(f.severity, f.table, f.mend) for f in findings] == [("warning", "offer.csv", "Did you mean 'offers'?")]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.xlsx").mkdir()
    for target in (tmp_path / "file", tmp_path / "folder.xlsx", tmp_path / "file" / "below"):
        with pytest.raises(ChainError, match="cannot be written"):
            write(small_chain(), target)
    with pytest.raises(ChainError, match="'chain' for a folder"):
        write(small_chain(), tmp_path / "chain.csv")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_unknown_name_is_told_with_the_nearest_example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.examples, "names", lambda: ["kandi-cbak", "yousolar"])
    with pytest.raises(ChainError, match="Did you mean 'yousolar'"):
        load("yousolr")


def test_every_example_loads_by_name() -> None:
    names = files.examples.names()
    assert names
    for name in names:
        assert load(name).name == name


@settings(max_examples=40)
@given(data=st.binary(max_size=200), table=st.sampled_from(sorted(TABLES)))
def test_no_bytes_whatever_end_in_a_traceback(data: bytes, table: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        for name in (f"{table}.csv", f"{table}.parquet"):
            folder = Path(place) / name.replace(".", "-")
            folder.mkdir()
            (folder / name).write_bytes(data)
            chain, findings = inspect(folder)
            assert chain is not None or any(finding.severity == "blocker" for finding in findings)


cells = st.sampled_from(
    ["", "a", "a;b", "1", "-1", "1,5", "1e400", "nan", "2027-01", "2027-02-30", "40 %", '"', "\u00e9", "US"]
)


@settings(max_examples=30)
@given(data=st.data(), table=st.sampled_from(sorted(TABLES)))
def test_no_cells_whatever_end_in_a_traceback(data: st.DataObject, table: str) -> None:
    columns = list(own_columns(TABLES[table]))
    rows = data.draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=4))
    separator = data.draw(st.sampled_from([",", ";", "\t"]))
    text = "\n".join([separator.join(columns), *(separator.join(row) for row in rows)])
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / f"{table}.csv").write_text(
            text, encoding=data.draw(st.sampled_from(["utf-8", "cp1252", "utf-16"]))
        )
        chain, findings = inspect(place)
        assert chain is not None or any(finding.severity == "blocker" for finding in findings)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_and_encodings_are_found_out(separator: str, encoding: str, tmp_path: Path) -> None:
    for table, text in TEXT.items():
        (tmp_path / f"{table}.csv").write_bytes(text.replace(",", separator).replace("\n", "\r\n").encode(encoding))
    chain, findings = inspect(tmp_path)
    assert findings == []
    assert chain is not None
    assert_same(chain, small_chain())


def test_windows_text_is_read_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "partners.csv").write_bytes("partner,name\nc,Citroën €\n".encode("cp1252"))
    chain, findings = inspect(tmp_path)
    assert chain is not None
    assert chain.partners["name"].to_list() == ["Citroën €"]
    assert [finding.severity for finding in findings] == ["warning"]


def test_cells_are_read_as_people_write_them(tmp_path: Path) -> None:
    (tmp_path / "processes.csv").write_text(
        " Process ;SITE;Item;hours per unit;yield_share;note\n p1 ; s ;\u00a0i;1,25;95 %;  \np2;s;i;,5;0,9;b\n"
    )
    (tmp_path / "sites.csv").write_text("name,site,kind,country\nS,s,PACK,us\n")
    (tmp_path / "options.csv").write_text(
        "option,resource,earliest,latest,requires\no,r,2027-10,2027-11-05 00:00:00,a ; b;\n"
    )
    chain = read(tmp_path)
    assert chain.processes["process"].to_list() == ["p1", "p2"]
    assert chain.processes["item"].to_list() == ["i", "i"]
    assert chain.processes["hours_per_unit"].to_list() == [1.25, 0.5]
    assert chain.processes["yield_share"].to_list() == [0.95, 0.9]
    assert chain.processes["note"].to_list() == ["", "b"]
    assert chain.sites.select("kind", "country").rows() == [("pack", "US")]
    option = chain.options.row(0, named=True)
    assert (str(option["earliest"]), str(option["latest"]), option["requires"]) == ("2027-10-01", "2027-11-05", "a;b")


def test_a_semicolon_file_with_decimal_points_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_text("process;item;quantity\np;i;1.234\n")
    assert read(tmp_path).bom["quantity"].to_list() == [1.234]


def _only_blocker(path: Path) -> Finding:
    chain, findings = inspect(path)
    assert chain is None
    with pytest.raises(ChainError):
        read(path)
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    assert len(blockers) == 1, "\n".join(map(str, findings))
    return blockers[0]


def test_the_template_is_an_empty_chain_with_every_table(tmp_path: Path) -> None:
    template(tmp_path / "template.xlsx")
    reader = fastexcel.read_excel(tmp_path / "template.xlsx")
    assert reader.sheet_names == ["README", *TABLES, "lists"]
    for table, schema in TABLES.items():
        assert reader.load_sheet(table).available_columns()
        assert [c.name for c in reader.load_sheet(table).available_columns()] == list(own_columns(schema))
    chain, findings = inspect(tmp_path / "template.xlsx")
    assert findings == []
    assert chain is not None
    assert not any(frame.height for frame in chain.tables.values())


def test_an_error_of_excel_is_no_blank(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "chain.xlsx") as book:
        sheet = book.add_worksheet("indices")
        sheet.write_row(0, 0, ["index", "month", "value"])
        sheet.write_row(1, 0, ["lfp", "2027-01", 1])
        sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
    chain, findings = inspect(tmp_path / "chain.xlsx")
    assert chain is None
    assert ("indices", 2, "value", "#DIV/0!") in {(f.table, f.row, f.column, f.found) for f in findings}


def test_a_strange_sheet_is_left_alone_with_a_warning(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "chain.xlsx") as book:
        book.add_worksheet("Sites").write_row(0, 0, ["site", "name", "kind", "country"])
        book.add_worksheet("my sums").write(0, 0, 1)
    chain, findings = inspect(tmp_path / "chain.xlsx")
    assert chain is not None
    assert [(f.severity, f.table) for f in findings] == [("warning", "my sums")]


def test_what_excel_cannot_hold_is_told_and_not_cut_off(tmp_path: Path) -> None:
    chain = small_chain()
    long = chain.replace(partners=chain.partners.with_columns(note=pl.lit("x" * 40_000)))
    with pytest.raises(ChainError, match="a text of 40,000 characters"):
        write(long, tmp_path / "chain.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_every_word_and_every_single_reference_has_a_drop_down(tmp_path: Path) -> None:
    template(tmp_path / "template.xlsx")
    lists = fastexcel.read_excel(tmp_path / "template.xlsx").load_sheet("lists", dtypes="string").to_polars()
    words = {frozenset(lists[name].drop_nulls()) for name in lists.columns}
    with zipfile.ZipFile(tmp_path / "template.xlsx") as pack:
        for number, schema in enumerate(TABLES.values(), start=2):  # sheet 1 is README
            sheet = pack.read(f"xl/worksheets/sheet{number}.xml").decode()
            columns = own_columns(schema).values()
            chosen = [column for column in columns if isinstance(column, dy.Enum)]
            named = [column for column in columns if reference_of(column) and not separator_of(column)]
            assert sheet.count("<formula1>lists!") == len(chosen)
            assert sheet.count("<dataValidation ") == len(chosen) + len(named)
            assert all(frozenset(column.categories) in words for column in chosen)
