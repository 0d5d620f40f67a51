"""A user's data sheet is read and checked like the shipped cells, with everything that is wrong told at once."""

from pathlib import Path

import pytest

from cellroad.chain.finding import ChainError
from cellroad.engineering import datasheet
from cellroad.engineering.catalogue import cells

ROW = {
    "maker": "EVE", "model": "LF280K", "chemistry": "LFP", "format": "prismatic", "capacity_Ah": 280, "nominal_V": 3.2,
    "min_V": 2.5, "max_V": 3.65, "mass_g": 5490, "len_or_dia_mm": 173.7, "width_mm": 71.7, "height_mm": 207.2,
}  # fmt: skip


def _toml(tmp_path: Path, **changes: object) -> Path:
    row = {**ROW, **changes}
    lines = [f"{name} = {value!r}".replace("'", '"') for name, value in row.items() if value is not None]
    path = tmp_path / "cell.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_row_of_the_shipped_table_is_read_as_the_shipped_cell(tmp_path: Path) -> None:
    (read,) = datasheet.read(_toml(tmp_path))
    shipped = next(cell for cell in cells() if cell.cell_id == "CL001")
    same = ("maker", "model", "chemistry", "format", "capacity_ah", "nominal_v", "mass_kg", "length_mm", "height_mm")
    assert [getattr(read, name) for name in same] == [getattr(shipped, name) for name in same]
    assert read.cell_id == "EVE-LF280K"
    assert read.confidence == "reported"


def test_csv_and_toml_and_rows_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(";".join(ROW) + "\n" + ";".join(str(v).replace(".", ",") for v in ROW.values()), encoding="utf-8")
    assert datasheet.read(path) == datasheet.read(_toml(tmp_path)) == datasheet.of_rows([ROW])


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(
        "maker,model,chemistry,format,capacity_Ah,nominal_V,mass_g,mas\n"
        "A,x,LFP,prismatic,280,3.2,5.49,\n"
        "B,y,LFP,prismatic,many,3.2,5490,\n"
        "C,z,LFP,prismatik,280,3.2,5490,\n"
        "D,good,LFP,prismatic,280,3.2,5490,\n",
        encoding="utf-8",
    )
    found, findings = datasheet.inspect(path)
    assert [cell.maker for cell in found] == ["D"]
    blockers = {(one.row, one.column) for one in findings if one.severity == "blocker"}
    assert blockers == {(2, "mass_g"), (3, "capacity_Ah"), (4, "format")}
    assert [one.column for one in findings if one.severity == "warning"] == ["mas"]
    with pytest.raises(ChainError) as told:
        datasheet.read(path)
    assert len(told.value.findings) == 3


def test_what_must_be_filled_in_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match="nominal_V"):
        datasheet.read(_toml(tmp_path, nominal_V=None))


@pytest.mark.parametrize("text", ["", "maker = ", "cell = 3", "[[cell]]\n"])
def test_bad_files_are_told_without_a_traceback(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cell.toml"
    path.write_text(text, encoding="utf-8")
    found, findings = datasheet.inspect(path)
    assert found == ()
    assert any(one.severity == "blocker" for one in findings)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match="no file there"):
        datasheet.read(tmp_path / "none.csv")


@pytest.mark.parametrize("file", ["cells.csv", "cells.toml"])
def test_a_sheet_without_a_known_column_is_refused_in_words(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.write_text('a = "1"\n' if file.endswith("toml") else "a,b\n1,2\n", encoding="utf-8")
    found, findings = datasheet.inspect(path)
    assert found == ()
    assert {"maker", "model", "capacity_Ah"} <= {one.column for one in findings if one.severity == "blocker"}


def test_what_a_pasted_text_is_shows_in_its_first_line() -> None:
    assert datasheet.kind_of('{"Header": {}}') == ".json"
    assert datasheet.kind_of('# ours\n\n[[cell]]\nmaker = "A"') == ".toml"
    assert datasheet.kind_of('maker = "A"') == ".toml"
    assert datasheet.kind_of("maker\tmodel\nA\ta = b") == ".csv"
