"""How full is a cell? Counting charge, corrected by its voltage: an extended Kalman filter.

Counting alone drifts with the offset of the current sensor and never forgets where it was begun; voltage alone says
little where the curve at rest is flat. The filter weighs both (Plett, Battery Management Systems II, 2015, chapter 3;
J. Power Sources 134, 2004). State: charge z, two branches v1 and v2, hysteresis h, and the offset b of the current
sensor, with the current I = I_read - b positive on discharge:

    z' = z - I dt / Q,   v_j' = a_j v_j + R_j (1 - a_j) I,   a_j = exp(-dt / tau_j)
    h' = (h + s) e - s,  e = exp(-|I| g dt / Q),  s = sign I,      b' = b
    y  = U(z) + M h - v1 - v2 - R0 I

The curve at rest is taken by its best straight line over what the charge may be, not by its tangent (statistical
linearisation, as in sigma-point filters; Plett 2006), since it bends sharply at its ends. The covariance is corrected
in Joseph's form, which keeps it symmetric and positive whatever the rounding. Everything is an array with any axes
before those of the state, so that many packs are filtered at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

STATES = 5
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_HERMITE = (_POINTS, _WEIGHTS / _WEIGHTS.sum())
GAS, REFERENCE_K = 8.314462618, 298.15
MODEL_S = 3600.0
"""How long an error of the model lasts: a reading within that time of another tells nothing new. Assumption."""


@dataclass(frozen=True)
class Circuit:
    """What the filter believes of a cell: capacity, curve at rest and rise of resistance at equal steps of charge,
    resistances in ohm and time constants in s at 25 degC, hysteresis in V and its pace, activation in J/mol."""

    capacity_ah: float
    curve_v: Array
    rise: Array
    r0: float
    r1: float
    tau1_s: float
    r2: float
    tau2_s: float
    hysteresis_v: float = 0.0
    hysteresis_pace: float = 30.0
    activation: float = 0.0

    def look_up(self, table: Array, soc: Array) -> tuple[Array, Array]:
        """Return value and slope of a table at states of charge; beyond its ends in a straight line."""
        steps = len(table) - 1
        place = soc * steps
        whole = np.clip(place.astype(np.intp), 0, steps - 1)
        growth = table[whole + 1] - table[whole]
        return table[whole] + (place - whole) * growth, growth * steps


@dataclass(frozen=True)
class Doubt:
    """How far each source may be trusted, as standard deviations.

    Current and voltage of a reading, error of the model's voltage (which lasts `MODEL_S`), shares by which resistance
    and capacity may be wrong, drift of charge per square root of an hour, first guesses of charge, hysteresis and
    offset of the sensor.
    """

    current_a: float
    voltage_v: float = 0.002
    model_v: float = 0.005
    resistance: float = 0.15
    capacity: float = 0.02
    drift: float = 0.002
    soc: float = 0.15
    hysteresis: float = 0.5
    offset_a: float = 0.0


class Belief(NamedTuple):
    """What is believed: mean (last axis z, v1, v2, h, b) and covariance (last two axes)."""

    mean: Array
    covariance: Array

    @property
    def soc(self) -> Array:
        """State of charge, 0 to 1."""
        return self.mean[..., 0]

    @property
    def deviation(self) -> Array:
        """Standard deviation of the state of charge."""
        return np.sqrt(self.covariance[..., 0, 0])


@dataclass(frozen=True)
class Filter:
    """An extended Kalman filter for the state of charge of a cell."""

    circuit: Circuit
    doubt: Doubt

    def start(self, soc: float | Array) -> Belief:
        """Return the first belief: rested at a state of charge, as sure of it as `doubt` says."""
        guess = np.asarray(soc, float)
        mean = np.zeros((*guess.shape, STATES))
        mean[..., 0] = guess
        doubt, c = self.doubt, self.circuit
        branches = doubt.current_a * np.array([c.r1, c.r2])
        sigma = np.array([doubt.soc, *branches, doubt.hysteresis, doubt.offset_a])
        return Belief(mean, np.broadcast_to(np.diag(sigma**2), (*guess.shape, STATES, STATES)).copy())

    def step(self, belief: Belief, current_a: Array, volts: Array, kelvin: Array, seconds: float) -> Belief:
        """Return the belief after a reading that closes a step of so many seconds.

        `current_a` is the current of one cell read over the step, `volts` its voltage at the end under that current,
        `kelvin` its temperature; each of the shape of the belief.
        """
        return self._correct(self._predict(belief, current_a, kelvin, seconds), current_a, volts, kelvin, seconds)

    def _rest(self, soc: Array, deviation: Array) -> tuple[Array, Array, Array]:
        """Return the curve at rest as it looks over what the charge may be: mean, slope, and variance of the bend.

        The straight line that fits best over z ~ N(soc, deviation), by Gauss and Hermite's rule of five points: near
        the knees a tangent would promise a certainty that the curve does not give.
        """
        points, weights = _HERMITE
        around = soc[..., None] + deviation[..., None] * points
        volts = self.circuit.look_up(self.circuit.curve_v, np.clip(around, 0.0, 1.0))[0]
        mean = (weights * volts).sum(axis=-1)
        off = volts - mean[..., None]
        slope = (weights * off * points).sum(axis=-1) / np.maximum(deviation, 1e-9)
        bent = (weights * off**2).sum(axis=-1) - (slope * deviation) ** 2
        return mean, slope, np.maximum(bent, 0.0)

    def _warm(self, kelvin: Array) -> Array:
        return np.exp(self.circuit.activation / GAS * (1 / np.asarray(kelvin, float) - 1 / REFERENCE_K))

    def _predict(self, belief: Belief, current_a: Array, kelvin: Array, seconds: float) -> Belief:
        """Return the belief before the reading: mean and covariance moved by the model."""
        c, x, doubt = self.circuit, belief.mean, self.doubt
        current = np.asarray(current_a, float) - x[..., 4]
        rise = c.look_up(c.rise, x[..., 0])[0] * self._warm(kelvin)
        share = seconds / (3600 * c.capacity_ah)
        decays = [np.exp(-seconds / (tau * rise)) for tau in (c.tau1_s, c.tau2_s)]
        gains = [r * rise * (1 - decay) for r, decay in zip((c.r1, c.r2), decays, strict=True)]
        sign = np.sign(current)
        fade = np.exp(-np.abs(current) * c.hysteresis_pace * share)
        turned = (x[..., 3] + sign) * fade
        mean = np.stack([
            x[..., 0] - current * share, decays[0] * x[..., 1] + gains[0] * current,
            decays[1] * x[..., 2] + gains[1] * current, turned - sign, x[..., 4],
        ], axis=-1)  # fmt: skip
        by_current = np.stack(
            [np.full_like(current, -share), *gains, -turned * c.hysteresis_pace * share * sign, np.zeros_like(current)],
            axis=-1,
        )
        moved = np.zeros((*current.shape, STATES, STATES))
        for n, keeps in enumerate((np.ones_like(current), *decays, fade, np.ones_like(current))):
            moved[..., n, n] = keeps
        moved[..., :4, 4] = -by_current[..., :4]
        noise = by_current[..., :, None] * by_current[..., None, :] * doubt.current_a**2
        noise[..., 0, 0] += doubt.drift**2 * seconds / 3600 + (doubt.capacity * current * share) ** 2
        noise[..., 3, 3] += (1 - fade) ** 2 * doubt.hysteresis**2
        covariance = moved @ belief.covariance @ np.swapaxes(moved, -1, -2) + noise
        return Belief(mean, _symmetric(covariance))

    def _correct(self, belief: Belief, current_a: Array, volts: Array, kelvin: Array, seconds: float) -> Belief:
        """Return the belief after the reading of the voltage, in Joseph's form: (I-KH) P (I-KH)' + K R K'."""
        c, x, doubt = self.circuit, belief.mean, self.doubt
        current = np.asarray(current_a, float) - x[..., 4]
        rest, slope, bent = self._rest(x[..., 0], belief.deviation)
        warm = c.look_up(c.rise, np.clip(x[..., 0], 0.0, 1.0))[0] * self._warm(kelvin)
        ohm = c.r0 * warm
        foreseen = rest + c.hysteresis_v * x[..., 3] - x[..., 1] - x[..., 2] - ohm * current
        one = np.ones_like(current)
        seen = np.stack([slope, -one, -one, c.hysteresis_v * one, ohm], axis=-1)
        lasting = max(MODEL_S / seconds, 1.0)
        dropped = doubt.resistance * (c.r0 + c.r1 + c.r2) * warm * current
        variance = doubt.voltage_v**2 + lasting * (doubt.model_v**2 + dropped**2) + bent
        spread = (belief.covariance @ seen[..., None])[..., 0]
        gain = spread / ((seen * spread).sum(axis=-1) + variance)[..., None]
        mean = x + gain * (np.asarray(volts, float) - foreseen)[..., None]
        mean[..., 0] = np.clip(mean[..., 0], 0.0, 1.0)
        mean[..., 3] = np.clip(mean[..., 3], -1.0, 1.0)
        kept = np.eye(STATES) - gain[..., :, None] * seen[..., None, :]
        covariance = kept @ belief.covariance @ np.swapaxes(kept, -1, -2)
        covariance += variance[..., None, None] * gain[..., :, None] * gain[..., None, :]
        return Belief(mean, _symmetric(covariance))


def counted(soc: Array, current_a: Array, seconds: float, capacity_ah: float) -> Array:
    """Return the state of charge by counting alone: z' = z - I dt / Q, held between 0 and 1."""
    return np.asarray(np.clip(soc - np.asarray(current_a, float) * seconds / (3600 * capacity_ah), 0.0, 1.0))


def _symmetric(matrix: Array) -> Array:
    return (matrix + np.swapaxes(matrix, -1, -2)) / 2
