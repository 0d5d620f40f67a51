"""Layouts and fronts by trying everything, without the code that they check."""

from __future__ import annotations

from itertools import product


def layouts(cells, nominal, voltage, energy, most=400):
    """Every (cell, S, P) that meets a window of nominal voltage, limits of voltage and a window of energy in kWh."""
    found = set()
    for place, cell in enumerate(cells):
        for series in range(1, most):
            v, low, high = series * cell.nominal_v, series * cell.min_v, series * cell.max_v
            if nominal is not None and not nominal[0] - 1e-9 <= v <= nominal[1] + 1e-9:
                continue
            if voltage is not None and not (low >= voltage[0] - 1e-9 and high <= voltage[1] + 1e-9):
                continue
            for parallel in range(1, most):
                kwh = v * parallel * cell.capacity_ah / 1000
                if kwh > energy[1] * (1 + 1e-9):
                    break
                if kwh >= energy[0] * (1 - 1e-9):
                    found.add((place, series, parallel))
    return found


def front(points):
    """Places of points that no other beats, each held against each."""
    beaten = set()
    for i, j in product(range(len(points)), repeat=2):
        if all(a <= b for a, b in zip(points[i], points[j], strict=True)) and points[i] != points[j]:
            beaten.add(j)
    return sorted(set(range(len(points))) - beaten)
