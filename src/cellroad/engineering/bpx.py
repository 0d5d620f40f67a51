"""Cells of physics: a BPX file read as a `Cell`, with its voltage at rest.

BPX (Battery Parameter eXchange, Faraday Institution) is the JSON standard in which physics parameters of cells are
passed on; versions 0.x and 1.x name what is read here alike. How much charge an electrode takes up between its least
and its largest stoichiometry x, and what the cell shows at rest at a state of charge z:

    Q = F c_max (x_max - x_min) eps L A n / 3600,     eps = a r / 3 (spheres of radius r with area a by volume)
    U(z) = U_p(y_max - z (y_max - y_min)) - U_n(x_min + z (x_max - x_min))

The file is read as JSON, and its functions of x as arithmetic of numbers, x, exp, tanh and cosh, which is all that the
standard allows: nothing in a file is ever run.
"""

from __future__ import annotations

import ast
import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.cell import FAMILIES, Cell
from cellroad.engineering.cellmodel.ocv import OpenCircuit, measured

Floats = NDArray[np.float64]

FARADAY = 96485.33212
"""Charge of a mol of electrons in As (CODATA 2018)."""
POINTS = 501
"""At how many states of charge the voltage at rest is told."""
AGREE = 0.1
"""How far the charge of the electrodes may lie from the nominal capacity before it is told."""
TOLERANCE_V = 0.02
"""How far the voltage at rest may lie beyond the cut-offs before it is told."""
NOMINAL_V = {"LFP": (3.1, 3.4), "NMC": (3.5, 3.9), "LTO": (2.1, 2.5)}
"""Mean voltages at rest by which a chemistry is known where no word tells it (assumption)."""

CELL = {
    "area": "Electrode area [m2]", "pairs": "Number of electrode pairs connected in parallel to make a cell",
    "low": "Lower voltage cut-off [V]", "high": "Upper voltage cut-off [V]", "capacity": "Nominal cell capacity [A.h]",
}  # fmt: skip
PARTICLE = {
    "least": "Minimum stoichiometry", "most": "Maximum stoichiometry", "full": "Maximum concentration [mol.m-3]",
    "radius": "Particle radius [m]", "surface": "Surface area per unit volume [m-1]",
}  # fmt: skip


@dataclass(frozen=True)
class PhysicsCell:
    """A cell of a BPX file: what a data sheet would say, and what the electrodes say.

    `negative_ah` and `positive_ah` are what the electrodes take up; `soc`, `volts` and `volts_per_k` the voltage at
    rest in V and its change by temperature, None where an electrode is a blend. `assumed` tells what the file does not
    say in so many words; `warnings` what is strange about it.
    """

    cell: Cell
    negative_ah: float
    positive_ah: float
    soc: Floats | None
    volts: Floats | None
    volts_per_k: Floats | None
    assumed: tuple[str, ...]
    warnings: tuple[Finding, ...]

    def open_circuit(self) -> OpenCircuit:
        """Return the voltage at rest as the cell models read it. Raises ValueError where an electrode is a blend."""
        if self.soc is None or self.volts is None or self.volts_per_k is None:
            raise ValueError(f"{self.cell.name}: an electrode is a blend, whose voltage at rest is not told")
        # Fitted functions of a plateau may fall by a hair.
        return measured(self.soc, np.maximum.accumulate(self.volts), self.volts_per_k)


def read(path: Path | str) -> PhysicsCell:
    """Return the cell of a BPX file. Raises ChainError with everything that is missing or cannot be."""
    place = Path(path)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise ChainError([_no_json(place.name, error)]) from None
    return parse(data, place.name)


def parse(data: bytes, file: str) -> PhysicsCell:
    """Return the cell of the bytes of a BPX file. Raises ChainError with everything that is missing or cannot be."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ChainError([_no_json(file, error)]) from None
    return of(told, Path(file).stem)


def _no_json(file: str, error: Exception) -> Finding:
    return _bad(file, "", str(error).split(":")[0], "a BPX file (JSON)", "Check the file.")


def of(told: Any, name: str = "bpx") -> PhysicsCell:
    """Return the cell of what stands in a BPX file, as plain values. Raises ChainError with all that is wrong."""
    parts = told.get("Parameterisation") if isinstance(told, dict) else None
    if not isinstance(parts, dict):
        expected = "an object with Header and Parameterisation, as BPX has it"
        raise ChainError([_bad(name, "", "no Parameterisation", expected, "Is it a BPX file?")])
    findings: list[Finding] = []
    cell = {key: _positive(parts, ("Cell", field), name, findings) for key, field in CELL.items()}
    sides = {side: _electrode(parts, f"{side} electrode", name, findings) for side in ("Negative", "Positive")}
    if not findings and cell["low"] >= cell["high"]:
        found = f"{cell['low']:g} V below, {cell['high']:g} V above"
        findings.append(_bad(name, "Cell", found, "the lower cut-off below", "Exchange them."))
    rest = None if findings else _rest(sides["Negative"], sides["Positive"])
    if rest is not None and not np.isfinite(rest).all():
        found = "no finite voltage at rest"
        findings.append(_bad(name, "OCP [V]", found, "finite functions of x", "Check both electrodes."))
    if findings:
        raise ChainError(findings)
    charge = {side: _charge(parts_of, cell) for side, parts_of in sides.items()}
    header = told.get("Header") if isinstance(told.get("Header"), dict) else {}
    made, assumed = _cell(header, parts.get("Cell", {}), cell, charge, rest, name)
    soc, volts, per_k = rest if rest is not None else (None, None, None)
    warnings = _strange(made, charge, volts, name)
    return PhysicsCell(made, charge["Negative"], charge["Positive"], soc, volts, per_k, tuple(assumed), tuple(warnings))


@dataclass(frozen=True)
class _Particle:
    least: float
    most: float
    full: float
    radius: float
    surface: float
    voltage: Callable[[Floats], Floats]
    entropy: Callable[[Floats], Floats]


@dataclass(frozen=True)
class _Electrode:
    thickness: float
    particles: tuple[_Particle, ...]


def _electrode(parts: Mapping[str, Any], side: str, name: str, findings: list[Finding]) -> _Electrode:
    """Return an electrode, of one material or of several."""
    thickness = _positive(parts, (side, "Thickness [m]"), name, findings)
    of_side = parts.get(side)
    blend = of_side.get("Particle") if isinstance(of_side, dict) else None
    paths = [(side, "Particle", key) for key in blend] if isinstance(blend, dict) and blend else [(side,)]
    return _Electrode(thickness, tuple(_particle(parts, path, name, findings) for path in paths))


def _particle(parts: Mapping[str, Any], path: tuple[str, ...], name: str, findings: list[Finding]) -> _Particle:
    read = {key: _positive(parts, (*path, field), name, findings, key == "least") for key, field in PARTICLE.items()}
    if not math.isnan(read["least"]) and not read["least"] < read["most"] <= 1:
        findings.append(_bad(name, " / ".join(path), f"stoichiometry from {read['least']:g} to {read['most']:g}",
                             "rising, between 0 and 1", "Check both limits."))  # fmt: skip
    voltage = _function(parts, (*path, "OCP [V]"), name, findings, None)
    entropy = _function(parts, (*path, "Entropic change coefficient [V.K-1]"), name, findings, 0.0)
    return _Particle(**read, voltage=voltage, entropy=entropy)


def _charge(electrode: _Electrode, cell: Mapping[str, float]) -> float:
    """Return what an electrode takes up in Ah."""
    volume = electrode.thickness * cell["area"] * cell["pairs"]
    moles = sum(one.full * (one.most - one.least) * one.surface * one.radius / 3 for one in electrode.particles)
    return FARADAY * moles * volume / 3600


def _rest(negative: _Electrode, positive: _Electrode) -> tuple[Floats, Floats, Floats] | None:
    """Return states of charge, voltage at rest and its change by temperature; None where an electrode is a blend."""
    if len(negative.particles) > 1 or len(positive.particles) > 1:
        return None
    (n,), (p,) = negative.particles, positive.particles
    soc = np.linspace(0, 1, POINTS)
    x, y = n.least + soc * (n.most - n.least), p.most - soc * (p.most - p.least)
    with np.errstate(all="ignore"):
        return soc, p.voltage(y) - n.voltage(x), p.entropy(y) - n.entropy(x)


def _cell(
    header: Mapping[str, Any], whole: Mapping[str, Any], cell: Mapping[str, float], charge: Mapping[str, float],
    rest: tuple[Floats, Floats, Floats] | None, name: str,
) -> tuple[Cell, list[str]]:  # fmt: skip
    """Return the data sheet of the cell, and what of it the file does not say in so many words."""
    title, words = str(header.get("Title") or name), " ".join(str(v) for v in header.values())
    assumed = []
    nominal = float(np.trapezoid(rest[1], rest[0])) if rest is not None else (cell["low"] + cell["high"]) / 2
    assumed.append(
        f"nominal voltage: {nominal:.3g} V, " + ("mean at rest" if rest is not None else "middle of the limits")
    )
    chemistry = _chemistry(words, nominal)
    assumed.append(f"chemistry: {chemistry}, by the words of the file or its voltage")
    format, sides = _body(words)
    assumed.append(f"format: {format}, by the words of the file")
    volume, density = whole.get("Volume [m3]"), whole.get("Density [kg.m-3]")
    mass = float(volume) * float(density) if _number(volume) and _number(density) else None
    if mass is not None:
        assumed.append(f"mass: {1000 * mass:.3g} g, volume by density")
    capacity = min(charge.values())
    assumed.append(f"capacity: {cell['capacity']:.4g} Ah nominal; the electrodes hold {capacity:.4g} Ah")
    return Cell(
        cell_id=re.sub(r"[^\w.+-]+", "-", name), maker=str(header.get("References") or "BPX").split(",")[0][:40],
        model=title, chemistry=chemistry, format=format, capacity_ah=cell["capacity"], nominal_v=nominal,
        min_v=cell["low"], max_v=cell["high"], mass_kg=mass, length_mm=sides[0], width_mm=sides[1], height_mm=sides[2],
        source="BPX " + str(header.get("BPX", "")), confidence="reported", notes="; ".join(assumed),
    ), assumed  # fmt: skip


def _chemistry(words: str, nominal: float) -> str:
    """Return the chemistry that words name; else the one that has a mean voltage."""
    stems = sorted(FAMILIES, key=len, reverse=True)
    named = next((re.search(rf"(?<![A-Za-z]){stem}\d*(?![A-Za-z])", words) for stem in stems
                  if re.search(rf"(?<![A-Za-z]){stem}\d*(?![A-Za-z])", words)), None)  # fmt: skip
    if named:
        return named.group(0)
    return next((family for family, (low, high) in NOMINAL_V.items() if low <= nominal <= high), "unknown")


def _body(words: str) -> tuple[str, tuple[float | None, float | None, float | None]]:
    """Return the format and the sides in mm that words tell; a round cell by its five digits."""
    round_ = re.search(r"(?<!\d)(18650|21700|26650|32140|46800|46950)(?!\d)", words)
    if round_:
        digits = round_.group(1)
        return "cylindrical", (float(digits[:2]), None, float(digits[2:]) / 10)
    number = r"(\d+(?:\.\d+)?)\s*(?:mm)?"
    box = re.search(rf"{number}\s*[x\u00d7]\s*{number}\s*[x\u00d7]\s*(\d+(?:\.\d+)?)\s*mm", words)
    format = next((word for word in ("pouch", "prismatic", "cylindrical") if word in words.casefold()), "pouch")
    if box and format != "cylindrical":
        height, width, thick = sorted((float(side) for side in box.groups()), reverse=True)
        return format, (thick, width, height)
    return format, (None, None, None)


def _strange(cell: Cell, charge: Mapping[str, float], volts: Floats | None, name: str) -> list[Finding]:
    """Return what is strange: electrodes that do not hold the nominal capacity, a rest beyond the cut-offs."""
    told = [
        Finding("warning", name, None, f"{side} electrode", f"{held:.4g} Ah between its stoichiometries",
                f"about {cell.capacity_ah:g} Ah, the nominal capacity", "Check area, thickness and stoichiometries.")
        for side, held in charge.items() if abs(held / cell.capacity_ah - 1) > AGREE
    ]  # fmt: skip
    if volts is not None and cell.min_v is not None and cell.max_v is not None:
        low, high = float(volts[0]), float(volts[-1])
        if low < cell.min_v - TOLERANCE_V or high > cell.max_v + TOLERANCE_V:
            told.append(Finding(
                "warning", name, None, "OCP [V]", f"{low:.3f} to {high:.3f} V at rest",
                f"within {cell.min_v:g} to {cell.max_v:g} V", "The stoichiometries reach beyond the cut-offs.",
            ))  # fmt: skip
    return told


def _at(parts: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        parts = parts.get(key) if isinstance(parts, dict) else None
    return parts


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _positive(
    parts: Mapping[str, Any], path: tuple[str, ...], name: str, findings: list[Finding], zero: bool = False
) -> float:
    """Return a number above zero (or zero where that may be); what is missing or no such number is told."""
    value = _at(parts, path)
    if _number(value) and (value > 0 or (zero and value == 0)):
        return float(value)
    found = "nothing" if value is None else repr(value)[:40]
    findings.append(_bad(name, " / ".join(path), found, "a number above zero", "Fill it in; the standard asks for it."))
    return math.nan


def _function(
    parts: Mapping[str, Any], path: tuple[str, ...], name: str, findings: list[Finding], otherwise: float | None
) -> Callable[[Floats], Floats]:
    """Return a function of x: a number, a table of x and y, or an expression; what cannot be read is told."""
    value = _at(parts, path)
    value = otherwise if value is None else value
    if _number(value):
        constant = float(value)
        return lambda x: np.full(x.shape, constant)
    if isinstance(value, dict) and all(isinstance(value.get(k), list) and all(map(_number, value[k])) for k in "xy"):
        xs, ys = np.array(value["x"], dtype=np.float64), np.array(value["y"], dtype=np.float64)
        if len(xs) == len(ys) > 1 and (np.diff(xs) > 0).all():
            return lambda x: np.interp(x, xs, ys)
    if isinstance(value, str) and len(value) < LONGEST:
        try:
            tree = ast.parse(value.strip(), mode="eval").body
            with np.errstate(all="ignore"):
                np.asarray(_evaluated(tree, np.array([0.5])), dtype=np.float64)
            return lambda x: np.broadcast_to(_evaluated(tree, x), x.shape).astype(np.float64)
        except (SyntaxError, ValueError, TypeError, OverflowError, ZeroDivisionError, RecursionError, MemoryError):
            pass
    found = "nothing" if value is None else repr(value)[:60]
    expected = "a number, a table of rising x and y, or an expression in x of numbers, + - * / **, exp, tanh, cosh"
    findings.append(_bad(name, " / ".join(path), found, expected, "Write it as the standard has it."))
    return lambda x: np.full(x.shape, np.nan)


LONGEST = 20_000
"""Length of the longest expression that is read."""
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: np.float_power, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {"exp": np.exp, "tanh": np.tanh, "cosh": np.cosh}


def _evaluated(node: ast.AST, x: Floats) -> Any:
    """Return the value of arithmetic in x; raises ValueError for anything that is not."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return np.float64(value)
        case ast.Name(id="x"):
            return x
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_evaluated(left, x), _evaluated(right, x))
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_evaluated(operand, x))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](_evaluated(argument, x))
        case _:
            raise ValueError(ast.dump(node)[:40])


def _bad(name: str, column: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", name, None, column, found, expected, mend)
