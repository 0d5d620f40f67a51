"""How full is a cell, and how sure is that? Counting charge, corrected by its voltage: an extended Kalman filter.

Counting alone drifts with the offset of the current sensor and never forgets where it was begun; voltage alone says
little where the curve at rest is flat. The filter weighs both (Plett, Battery Management Systems II, 2015, chapter 3;
J. Power Sources 134, 2004). State: charge z, two branches v1 and v2, hysteresis h, and the offset b of the current
sensor, with the current I = I_read - b positive on discharge:

    z' = z - (1 + q) I dt / Q,   v_j' = a_j v_j + e^r R_j (1 - a_j) I,   a_j = exp(-dt / tau_j)
    h' = (h + s) f - s,  f = exp(-|I| g dt / Q),  s = sign I,      b' = b
    y  = U(z) + e + w + (1 + m) M h - v1 - v2 - e^r R0 I

What the filter believes of its cell and its sensors is wrong, and stays wrong in the same way from reading to reading.
Taken for noise that is new at every reading, it would be averaged away, and the filter would be far too sure. So each
such error is a state of its own, with the deviation that `Doubt` gives it (joint estimation, Plett 2004, part 3): of
capacity q, resistance r, gap of hysteresis m, voltage sensor w, and of the curve at rest e. Those of curve and
resistance change with the charge at which the cell stands: e' = e k + noise, k = exp(-|dz| / reach), with the
deviation kept (a process of Gauss and Markov over charge passed).

The curve at rest is taken by its best straight line over what the charge may be, not by its tangent (statistical
linearisation, as in sigma-point filters; Plett 2006), since it bends sharply; what the line misses is the same for as
long as the charge is as unknown, so it counts once in half an hour. A reading beyond three deviations says that the
charge is less known than believed. The covariance is corrected in Joseph's form, which keeps it symmetric and positive
whatever the rounding. Everything is an array with any axes before those of the state: many packs are filtered at once.

Whether it is honest is measured as Bar-Shalom, Li and Kirubarajan do (Estimation with Applications to Tracking and
Navigation, 2001, section 5.4): the squared error by its variance (NEES) and the squared surprise by its own (NIS) are
one on the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

STATES = 10
Z, V1, V2, H, B, E, W, R, Q, M = range(STATES)
"""Places in the mean: charge, branches, hysteresis, offset; errors of curve, voltage, resistance, capacity, gap."""
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_HERMITE = (_POINTS, _WEIGHTS / _WEIGHTS.sum())
GAS, REFERENCE_K = 8.314462618, 298.15
REACH = 0.3
"""Charge that passes until the errors of curve and resistance are others, as a share of capacity. Assumption."""
BEND_S = 1800.0
"""How long what the straight line misses of the curve lasts: readings within that time tell nothing new. Assumption."""
SURPRISE = 9.0
"""Squared surprise by its variance beyond which the charge is less known than believed: three deviations."""
LARGEST = 0.7
"""Errors of resistance, capacity and gap stay within this share."""


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
    """How far each source may be trusted, as standard deviations; all assumptions.

    Noise of a reading of current in A and voltage in V; errors that last: of the curve at rest and of the voltage
    sensor in V, shares by which resistance, capacity (and gain of the current sensor) and gap of hysteresis may be
    wrong, offset of the current sensor in A; drift of charge per square root of an hour; first guesses of charge and
    of the side of the hysteresis (-1 to 1). The family's curve lies 5 mV (LFP) to 10 mV (NMC) off two measured cells.
    """

    current_a: float
    voltage_v: float = 0.0012
    curve_v: float = 0.005
    sensor_v: float = 0.003
    resistance: float = 0.15
    capacity: float = 0.02
    hysteresis: float = 0.3
    drift: float = 0.0001
    soc: float = 0.09
    side: float = 0.58
    offset_a: float = 0.0


class Belief(NamedTuple):
    """What is believed: mean (last axis z, v1, v2, h, b, e, w, r, q, m) and covariance (last two axes)."""

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
        sigma = np.array([
            doubt.soc, doubt.current_a * c.r1, doubt.current_a * c.r2, doubt.side, doubt.offset_a, doubt.curve_v,
            doubt.sensor_v, doubt.resistance, doubt.capacity, doubt.hysteresis,
        ])  # fmt: skip
        return Belief(mean, np.broadcast_to(np.diag(sigma**2), (*guess.shape, STATES, STATES)).copy())

    def step(self, belief: Belief, current_a: Array, volts: Array, kelvin: Array, seconds: float) -> Belief:
        """Return the belief after a reading that closes a step of so many seconds.

        `current_a` is the current of one cell read over the step, `volts` its voltage at the end under that current,
        `kelvin` its temperature; each of the shape of the belief.
        """
        return self._correct(self._predict(belief, current_a, kelvin, seconds), current_a, volts, kelvin, seconds)

    def foreseen(self, belief: Belief, current_a: Array, kelvin: Array, seconds: float) -> tuple[Array, Array]:
        """Return the voltage that the next reading should show, in V, and the variance of the reading around it."""
        moved = self._predict(belief, current_a, kelvin, seconds)
        volts, seen, variance = self._look(moved, current_a, kelvin, seconds)
        return volts, np.einsum("...i,...ij,...j->...", seen, moved.covariance, seen) + variance

    def _rest(self, soc: Array, deviation: Array, ohm: Array) -> tuple[Array, Array, Array]:
        """Return U(z) - ohm rise(z) as it looks over what the charge may be: mean, slope, and variance of the bend.

        The straight line that fits best over z ~ N(soc, deviation), by Gauss and Hermite's rule of five points: near
        the knees a tangent would promise a certainty that the curve does not give.
        """
        points, weights = _HERMITE
        around = np.clip(soc[..., None] + deviation[..., None] * points, 0.0, 1.0)
        volts = self.circuit.look_up(self.circuit.curve_v, around)[0]
        volts = volts - ohm[..., None] * self.circuit.look_up(self.circuit.rise, around)[0]
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
        current = np.asarray(current_a, float) - x[..., B]
        warm = self._warm(kelvin)
        rise, steep = c.look_up(c.rise, np.clip(x[..., Z], 0.0, 1.0))
        grown = np.exp(x[..., R]) * warm
        decays = [np.exp(-seconds / (tau * rise * warm)) for tau in (c.tau1_s, c.tau2_s)]
        gains = [r * grown * (1 - decay) for r, decay in zip((c.r1, c.r2), decays, strict=True)]
        share = seconds / (3600 * c.capacity_ah) * (1 + x[..., Q])
        passed, sign = np.abs(current) * share, np.sign(current)
        fade, kept = np.exp(-c.hysteresis_pace * passed), np.exp(-passed / REACH)
        turned = (x[..., H] + sign) * fade
        mean = x.copy()
        mean[..., Z] -= current * share
        mean[..., V1] = decays[0] * x[..., V1] + rise * gains[0] * current
        mean[..., V2] = decays[1] * x[..., V2] + rise * gains[1] * current
        mean[..., H] = turned - sign
        mean[..., [E, R]] *= kept[..., None]
        turning = -turned * c.hysteresis_pace * share * sign
        by_current = np.stack([-share, rise * gains[0], rise * gains[1], turning], axis=-1)
        moved = np.zeros((*current.shape, STATES, STATES))
        moved[..., range(STATES), range(STATES)] = 1.0
        moved[..., Z, Q] = -current * share / (1 + x[..., Q])
        for branch, decay, gain in zip((V1, V2), decays, gains, strict=True):
            moved[..., branch, branch] = decay
            moved[..., branch, Z] = gain * steep * current
            moved[..., branch, R] = rise * gain * current
        moved[..., H, H] = fade
        moved[..., E, E] = moved[..., R, R] = kept
        moved[..., :B, B] = -by_current
        covariance = moved @ belief.covariance @ np.swapaxes(moved, -1, -2)
        covariance[..., :B, :B] += by_current[..., :, None] * by_current[..., None, :] * doubt.current_a**2
        covariance[..., Z, Z] += doubt.drift**2 * seconds / 3600
        covariance[..., E, E] += (1 - kept**2) * doubt.curve_v**2
        covariance[..., R, R] += (1 - kept**2) * doubt.resistance**2
        return Belief(mean, _symmetric(covariance))

    def _look(self, belief: Belief, current_a: Array, kelvin: Array, seconds: float) -> tuple[Array, Array, Array]:
        """Return the voltage that is foreseen, what each state adds to it, and the variance of all that is no state."""
        c, x = self.circuit, belief.mean
        current = np.asarray(current_a, float) - x[..., B]
        ohm = c.r0 * np.exp(x[..., R]) * self._warm(kelvin)
        rest, slope, bent = self._rest(x[..., Z], belief.deviation, ohm * current)
        rise = c.look_up(c.rise, np.clip(x[..., Z], 0.0, 1.0))[0]
        gap = c.hysteresis_v * (1 + x[..., M])
        volts = rest + x[..., E] + x[..., W] + gap * x[..., H] - x[..., V1] - x[..., V2]
        seen = np.zeros(x.shape)
        seen[..., Z], seen[..., H], seen[..., B] = slope, gap, ohm * rise
        seen[..., [V1, V2]], seen[..., [E, W]] = -1.0, 1.0
        seen[..., R], seen[..., M] = -ohm * rise * current, c.hysteresis_v * x[..., H]
        return volts, seen, self.doubt.voltage_v**2 + bent * max(BEND_S / seconds, 1.0)

    def _correct(self, belief: Belief, current_a: Array, volts: Array, kelvin: Array, seconds: float) -> Belief:
        """Return the belief after the reading of the voltage, in Joseph's form: (I-KH) P (I-KH)' + K R K'."""
        foreseen, seen, variance = self._look(belief, current_a, kelvin, seconds)
        missed = np.asarray(volts, float) - foreseen
        before = belief.covariance.copy()
        own, total = before[..., Z, Z], np.einsum("...i,...ij,...j->...", seen, before, seen) + variance
        wider = own * np.maximum(missed**2 / (SURPRISE * total), 1.0)
        before[..., Z, Z] = np.minimum(wider, np.maximum(own, self.doubt.soc**2))
        spread = (before @ seen[..., None])[..., 0]
        gain = spread / ((seen * spread).sum(axis=-1) + variance)[..., None]
        mean = belief.mean + gain * missed[..., None]
        mean[..., Z] = np.clip(mean[..., Z], 0.0, 1.0)
        mean[..., H] = np.clip(mean[..., H], -1.0, 1.0)
        mean[..., [R, Q, M]] = np.clip(mean[..., [R, Q, M]], -LARGEST, LARGEST)
        kept = np.eye(STATES) - gain[..., :, None] * seen[..., None, :]
        covariance = kept @ before @ np.swapaxes(kept, -1, -2)
        covariance += variance[..., None, None] * gain[..., :, None] * gain[..., None, :]
        return Belief(mean, _symmetric(covariance))


def counted(soc: Array, current_a: Array, seconds: float, capacity_ah: float) -> Array:
    """Return the state of charge by counting alone: z' = z - I dt / Q, held between 0 and 1."""
    return np.asarray(np.clip(soc - np.asarray(current_a, float) * seconds / (3600 * capacity_ah), 0.0, 1.0))


def _symmetric(matrix: Array) -> Array:
    return (matrix + np.swapaxes(matrix, -1, -2)) / 2
