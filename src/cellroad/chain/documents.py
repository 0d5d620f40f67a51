"""What stands in a file that somebody else wrote? JSON, JSON lines or a table of CSV: told by its content.

The suffix of a file says little, its first sign says much: a bracket opens JSON, anything else is a table. A zip with
one file in it is that file. What cannot be read is told as a finding and never as a traceback.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NoReturn

from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.sheet import BLANKS, SEPARATORS

LARGEST = 4_000_000_000
"""Bytes of a file that is read, so that a broken archive cannot fill the memory."""
DEEPEST = 64
"""How deep lists and objects may be nested; owners need about ten levels."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read.

    `content` of json is the value itself, of lines the list of the values (`rows` has their line numbers), of a table
    the list of its rows as {column: text} without blank cells. Numbers with a fraction are Decimal, as written.
    """

    name: str
    form: Literal["json", "lines", "table"]
    content: Any
    rows: tuple[int, ...] = ()


def read_document(path: str | Path) -> Document:
    """Return what stands in a file. Raises ChainError where it cannot be read."""
    path = Path(path)
    text = _text(path.name, _bytes(path))
    if text.lstrip(BLANKS)[:1] in ("[", "{"):
        return _json(path.name, text)
    return _table(path.name, text)


def refuse(name: str, found: str, expected: str, mend: str, row: int | None = None, column: str = "") -> NoReturn:
    """Raise ChainError with one blocker about a file."""
    raise ChainError([Finding("blocker", name, row, column, found, expected, mend)])


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        refuse(path.name, "a folder", "a file", "Name a file in it.")
    try:
        if path.stat().st_size > LARGEST:
            refuse(path.name, "more than 4 GB", "a smaller file", "Cut it to the partners that matter.")
        return _unpacked(path) if zipfile.is_zipfile(path) else path.read_bytes()
    except FileNotFoundError:
        refuse(str(path), "nothing at this path", "a file", "Check the path.")
    except OSError as error:
        refuse(path.name, f"a file that cannot be read ({error.strerror or error})", "a file", "Check its permissions.")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        refuse(path.name, f"an archive that cannot be read ({error})", "a zip", "Pack it anew, without a password.")


def _unpacked(path: Path) -> bytes:
    with zipfile.ZipFile(path) as pack:
        entries = [entry for entry in pack.infolist() if not entry.is_dir() and "__MACOSX" not in entry.filename]
        if len(entries) != 1:
            refuse(path.name, f"an archive of {len(entries)} files", "one file in it", "Unpack it and name one file.")
        if entries[0].file_size > LARGEST:
            refuse(path.name, "an archive of more than 4 GB", "a smaller file", "Cut it to the partners that matter.")
        return pack.read(entries[0])


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        found = f"bytes that are no text in {error.encoding}, first at {error.start}"
        refuse(name, found, "text in UTF-8", "Save it as UTF-8.")
    if not text.strip(BLANKS):
        refuse(name, "an empty file", "JSON, JSON lines or a table of CSV", "Fetch it anew.")
    if "\x00" in text:
        refuse(name, "bytes that are no text", "JSON, JSON lines or a table of CSV", "Name another file.")
    return text


# JSON ----------------------------------------------------------------------------------------------------------------


def _json(name: str, text: str) -> Document:
    try:
        return Document(name, "json", _value(name, text))
    except json.JSONDecodeError as error:
        lines = [(row, line) for row, line in enumerate(text.splitlines(), start=1) if line.strip(BLANKS)]
        if error.msg != "Extra data" or error.lineno == 1 or len(lines) < 2:
            _broken(name, error, error.lineno)
    values = []
    for row, line in lines:
        try:
            values.append(_value(name, line, row))
        except json.JSONDecodeError as error:
            _broken(name, error, row)
    return Document(name, "lines", values, tuple(row for row, _ in lines))


def _value(name: str, text: str, row: int | None = None) -> Any:
    """Return the value of a JSON text. Raises JSONDecodeError where it is broken, ChainError where it is strange."""
    twice: list[str] = []
    try:
        value = json.loads(
            text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_pairs(twice.append)
        )  # fmt: skip
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError:
        raise
    except RecursionError:
        _too_deep(name, row)
    except UnicodeEncodeError:
        refuse(name, "half a character (a lone surrogate)", "text in UTF-8", "Write it as one character.", row)
    except (ValueError, ArithmeticError) as error:
        refuse(name, f"a number that is none ({error})", "numbers as JSON knows them", "Correct it.", row)
    if _is_deep(value):
        _too_deep(name, row)
    if twice:
        refuse(name, f"{twice[0]!r} twice in one object", "each field once", "Remove one of the two.", row, twice[0])
    return value


def _is_deep(value: Any) -> bool:
    layer: list[Any] = [[value]]
    for _ in range(DEEPEST):
        parts = [part for one in layer for part in (one.values() if isinstance(one, dict) else one)]
        layer = [part for part in parts if isinstance(part, dict | list)]
        if not layer:
            return False
    return True


def _too_deep(name: str, row: int | None) -> NoReturn:
    refuse(name, "lists or objects nested too deep", f"at most {DEEPEST} levels", "Fetch the file anew.", row)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _pairs(tell: Callable[[str], None]) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """Return how an object is made of its fields, telling the name of a field that stands in it twice."""

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        thing = dict(pairs)
        if len(thing) != len(pairs):
            names = [name for name, _ in pairs]
            tell(next(name for name in names if names.count(name) > 1))
        return thing

    return made


def _broken(name: str, error: json.JSONDecodeError, row: int) -> NoReturn:
    refuse(
        name, f"broken JSON at sign {error.colno} of the line ({error.msg})", "JSON, whole to its last bracket",
        "Fetch it anew, or mend that line.", row,
    )  # fmt: skip


# Tables --------------------------------------------------------------------------------------------------------------


def _table(name: str, text: str) -> Document:
    header = text.lstrip(BLANKS).partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    if separator not in header:
        found = f"text that begins with {header[:40].strip()!r}"
        refuse(name, found, "JSON, JSON lines or a table of CSV", "Name another file.")
    rows: list[dict[str, str]] = []
    numbers: list[int] = []
    reader = csv.DictReader(io.StringIO(text.lstrip(BLANKS), newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if None in row:
                found = f"{len(reader.fieldnames or ()) + len(row[None])} cells"
                refuse(name, found, f"{len(reader.fieldnames or ())}, as in the header",
                       "Put text that holds the separator in double quotes.", reader.line_num)  # fmt: skip
            rows.append({column: cell.strip(BLANKS) for column, cell in row.items() if cell and cell.strip(BLANKS)})
            numbers.append(reader.line_num)
    except csv.Error as error:
        refuse(name, f"text that is no CSV ({error})", "a table of CSV", "Write it anew.", reader.line_num)
    return Document(name, "table", rows, tuple(numbers))
