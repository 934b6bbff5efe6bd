"""How good a forecast of counts was: calibration, coverage, CRPS. Exact, vectorised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from analysis.expected import HIGH, LOW, size
from analysis.proximity import Floats, Ints

BINS = 10
LEAST_MEAN = 1e-12


@dataclass(frozen=True)
class Bin:
    """Forecasts of about the same chance, and how often it happened."""

    forecasts: int
    mean_forecast: float
    share_happened: float


@dataclass(frozen=True)
class Scores:
    """Scores of one forecast.

    Attributes
    ----------
    calibration_error : float
        Expected calibration error of the chance of at least one, ten bins of equal width.
    calibration_error_equal : float
        The same with ten bins of equal number.
    coverage, coverage_expected : float
        Share of counts in the 80 % range, and the share that the forecast itself expects.
    crps : float
        Mean continuous ranked probability score, in incidents; less is better.
    """

    calibration_error: float
    calibration_error_equal: float
    coverage: float
    coverage_expected: float
    crps: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Law:
    """A distribution of counts for each forecast: its mean, scipy's law, and its CRPS."""

    mean: Floats
    law: Any
    poisson: bool

    @classmethod
    def negative_binomial(cls, mean: Floats) -> Law:
        """The law of the risk formula."""
        mean = np.maximum(mean, LEAST_MEAN)
        kappa = size(mean)
        return cls(mean, stats.nbinom(kappa, kappa / (kappa + mean)), poisson=False)

    @classmethod
    def of_poisson(cls, mean: Floats) -> Law:
        """The law of the comparator."""
        return cls(mean, stats.poisson(mean), poisson=True)

    def crps(self, counts: Ints) -> Floats:
        """CRPS of each forecast, in closed form (Jordan, Krueger and Lerch 2019, appendix A)."""
        return self._poisson_crps(counts) if self.poisson else self._negative_binomial_crps(counts)

    def _poisson_crps(self, y: Ints) -> Floats:
        mean = self.mean
        bessel = special.ive(0, 2 * mean) + special.ive(1, 2 * mean)
        return np.asarray((y - mean) * (2 * self.law.cdf(y) - 1) + 2 * mean * self.law.pmf(y) - mean * bessel)

    def _negative_binomial_crps(self, y: Ints) -> Floats:
        kappa = size(self.mean)
        p = kappa / (kappa + self.mean)
        wider = stats.nbinom(kappa + 1, p).cdf(y - 1)
        spread = special.hyp2f1(kappa + 1, 0.5, 2, -4 * (1 - p) / p**2)
        return np.asarray(y * (2 * self.law.cdf(y) - 1) - kappa * (1 - p) / p**2 * (p * (2 * wider - 1) + spread))


def scores(law: Law, counts: Ints) -> Scores:
    """Score forecasts against what happened; both of shape (n,)."""
    chance = 1 - law.law.pmf(0)
    low, high = law.law.ppf(LOW), law.law.ppf(HIGH)
    held = (low <= counts) & (counts <= high)
    expected = law.law.cdf(high) - law.law.cdf(low - 1)
    happened = counts > 0
    width = np.minimum((chance * BINS).astype(int), BINS - 1)
    order = np.argsort(chance, kind="stable")
    equal = np.empty(len(chance), int)
    equal[order] = np.arange(len(chance)) * BINS // len(chance)
    return Scores(
        calibration_error=_calibration_error(chance, happened, width),
        calibration_error_equal=_calibration_error(chance, happened, equal),
        coverage=float(held.mean()),
        coverage_expected=float(expected.mean()),
        crps=float(law.crps(counts).mean()),
        bins=tuple(
            Bin(int(own.sum()), float(chance[own].mean()), float(happened[own].mean()))
            for own in (width == number for number in range(BINS))
            if own.any()
        ),
    )


def _calibration_error(chance: Floats, happened: npt.NDArray[np.bool_], bin_of: npt.NDArray[np.int_]) -> float:
    gap = np.bincount(bin_of, weights=chance, minlength=BINS) - np.bincount(bin_of, weights=happened, minlength=BINS)
    return float(np.abs(gap).sum() / len(chance))


def bootstrap_interval(by_unit: Floats, seed: int, resamples: int = 2000) -> tuple[float, float]:
    """95 % interval of the mean of units of equal size, drawn with replacement."""
    drawn = np.random.default_rng(seed).integers(0, len(by_unit), (resamples, len(by_unit)))
    low, high = np.quantile(by_unit[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
