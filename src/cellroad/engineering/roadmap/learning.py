"""How fast has a price fallen, and how far off may a forecast from that be? One fit for every curve.

    y(t) - y(t-1) = b x(t) + e(t),  e normal with sigma        y: log of the price

x is what drives the fall: log Q(t) - log Q(t-1) of all that has been made (Wright 1936), 1 for a trend in time (Moore),
0 for a price that stays. Over the steps ahead

    y(T+h) = y(T) + b X,  X = x(T+1) + ... + x(T+h)
    variance of the error = sigma^2 (h + X^2 / sum of x(t)^2)

and the error over its standard deviation is Student's t of m - 1 degrees of freedom for m steps (m where nothing is
fitted). Farmer and Lafond, Research Policy 45 (2016) for time; Lafond et al., Technological Forecasting and Social
Change 128 (2018) for what has been made. Nagy et al., PLoS ONE 8 (2013) compare such curves by hind-casting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
SHARES = np.array([0.05, 0.5, 0.95])
"""Low, middle and high of a band: nine of ten are meant to lie inside."""


@dataclass(frozen=True)
class Steps:
    """A fit to the steps of the log of a price.

    slope   b: what the log of the price gains for each unit of x; 0 where x is
    sigma   standard deviation of what is left of a step
    steps   m
    spread  sum of the squares of x
    """

    slope: float
    sigma: float
    steps: int
    spread: float

    @property
    def freedom(self) -> int:
        """Degrees of freedom that sigma stands on."""
        return self.steps - (self.spread > 0)

    @property
    def rate(self) -> float:
        """Share of the price that falls away with each doubling of what has been made, or negative: 1 - 2^b."""
        return float(1 - 2.0**self.slope)

    def rate_between(self) -> tuple[float, float]:
        """Return the rates between which the true one lies with 90 % confidence."""
        wide = float(stdtrit(self.freedom, SHARES[-1])) * self.sigma / np.sqrt(self.spread)
        return 1 - 2.0 ** float(self.slope + wide), 1 - 2.0 ** float(self.slope - wide)

    def ahead(self, price: float, total: Floats, years: NDArray[np.int64], shares: Floats) -> Floats:
        """Return quantiles of the price so many years ahead, while x gains so much in all: shape (shares, years).

        `price` is that of the last year of the fit.
        """
        drawn_out = total**2 / self.spread if self.spread else np.zeros(total.size)
        wide = self.sigma * np.sqrt(years + drawn_out)
        quantiles = stdtrit(self.freedom, shares)[:, None]
        found: Floats = price * np.exp(self.slope * total + quantiles * wide)
        return found


def added(one: Floats, other: Floats, shares: Floats) -> Floats:
    """Return quantiles of the sum of two prices that do not hang together: shape (shares, years).

    Each is told by its quantiles at the middles of n equal parts: shape (n, years). Every pair is as likely.
    """
    sums = (one[:, None, :] + other[None, :, :]).reshape(-1, one.shape[1])
    found: Floats = np.quantile(sums, shares, axis=0)
    return found


def fitted(prices: Floats, driven: Floats) -> Steps:
    """Return the fit of b and sigma to prices of years that follow each other, and to x of each step between them.

    Raises ValueError for fewer than two steps, or a price that is not above 0.
    """
    if prices.size < 3 or (prices <= 0).any():
        raise ValueError("a fit needs three prices above 0")
    gained, spread = np.diff(np.log(prices)), float(driven @ driven)
    slope = float(driven @ gained) / spread if spread else 0.0
    left = gained - slope * driven
    freedom = gained.size - (spread > 0)
    return Steps(slope, float(np.sqrt(left @ left / freedom)), gained.size, spread)
