"""Writes tests/accuracy/scalability.json: the laws of scalability fitted by scipy to random data sets.

    python tests/python/scalability_reference.py 32 > tests/accuracy/scalability.json

Coefficients come from scipy.optimize.least_squares (bounded, from several starts), profile intervals from brentq over
constrained fits: nothing is shared with the program but the definition.
"""

import json
import sys

import numpy as np
from scipy.optimize import brentq, least_squares
from scipy.stats import t as student

CONFIDENCE = 0.95
LESS_LIKELY = 2.0
TIGHT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "max_nfev": 2000}


def curve(n, gamma, alpha, beta):
    return gamma * n / (1 + alpha * (n - 1) + beta * n * (n - 1))


def fit(n, x, fixed=None, weights=1.0):
    """(gamma, alpha, beta) with the least weighted squares, and these; `fixed` holds some of them."""
    fixed = fixed or {}
    scale, size = x.max(), n.max()
    names = [name for name in ("gamma", "alpha", "beta") if name not in fixed]
    unit = {"gamma": scale / size, "alpha": 1.0, "beta": 1 / size}
    low = [1e-12 if name == "gamma" else 0.0 for name in names]
    high = [1.0 if name == "alpha" else np.inf for name in names]

    def coefficients(free):
        given = {name: value * unit[name] for name, value in zip(names, free)}
        return [{**fixed, **given}[name] for name in ("gamma", "alpha", "beta")]

    def residuals(free):
        values = (curve(n, *coefficients(free)) - x) / scale * weights
        return np.where(np.isfinite(values), values, 1e6)

    if not names:
        return coefficients([]), float((residuals([]) ** 2).sum() * scale**2)
    best = None
    first = np.median(x / n) / unit["gamma"]
    starts = [(g, a, b) for g in (first, 3 * first, 30 * first) for a in (1e-4, 0.05, 0.5) for b in (1e-5, 1e-2, 1.0)]
    for start in starts:
        given = dict(zip(("gamma", "alpha", "beta"), start))
        found = least_squares(
            residuals, [given[name] for name in names], bounds=(low, high), x_scale=[max(given[name], 1e-3) for name in names], **TIGHT
        )
        # The trust region keeps off a bound: the fit on each bound is tried by itself.
        if best is None or found.cost < best[1]:
            best = (coefficients(found.x), found.cost)
    squares = 2 * best[1] * scale**2
    for name in ("alpha", "beta"):
        if name in names:
            on_bound = fit(n, x, {**fixed, name: 0.0}, weights)
            if on_bound[1] <= squares * (1 + 1e-12):
                return on_bound
    return best[0], squares


def interval_under(n, x, weights, name, law):
    """The profile interval with errors in proportion to 1/weights; `law` holds what the law does not have."""
    coefficients, squares = fit(n, x, law, weights)
    at = dict(zip(("gamma", "alpha", "beta"), coefficients))[name]
    freedom = len(n) - (3 - len(law))
    limit = squares * (1 + student.ppf(0.5 + CONFIDENCE / 2, freedom) ** 2 / freedom)

    def excess(value):
        return np.log(fit(n, x, {**law, name: value}, weights)[1] / limit)

    least = x.max() / n.max() * 1e-9 if name == "gamma" else 0.0
    most = 1.0 if name == "alpha" else None
    low = least if excess(least) <= 0 else brentq(excess, least, at, xtol=1e-14, rtol=1e-9)
    if most is None:
        most = max(at, 1e-6 / n.max() ** 2)
        while excess(most) <= 0 and most < 1e12:
            most *= 2
        if excess(most) <= 0:
            return None
    high = most if excess(most) <= 0 else brentq(excess, at, most, xtol=1e-14, rtol=1e-9)
    return [low, high]


def interval(n, x, name, coefficients, law):
    """The interval under constant errors, as fitted, joined with that under proportional ones unless these are unlikely."""
    fitted = curve(n, *coefficients)
    models = [np.ones(len(n)), coefficients[0] / fitted]
    likelihoods = [np.log(w).sum() - len(n) / 2 * np.log(fit(n, x, law, w)[1]) for w in models]
    likely = models if likelihoods[0] - likelihoods[1] <= LESS_LIKELY else models[:1]
    found = [interval_under(n, x, w, name, law) for w in likely]
    if None in found:
        return None
    at = dict(zip(("gamma", "alpha", "beta"), coefficients))[name]
    return [min([at, *(low for low, _ in found)]), max([at, *(high for _, high in found)])]


def data_set(random):
    levels = int(random.integers(4, 13))
    start = random.choice([1.0, 1.0, 2.0, 10.0, 0.3])
    n = np.unique(np.round(start * np.geomspace(1, random.choice([8, 50, 400]), levels), 2))
    n = np.repeat(n, random.integers(1, 4, len(n)) if random.random() < 0.3 else 1)
    alpha = random.choice([0.0, 1e-3, 0.02, 0.1, 0.5])
    beta = random.choice([0.0, 0.0, 1e-5, 1e-3, 0.02])
    gamma = 10.0 ** random.uniform(-3, 6)
    noise = random.choice([0.005, 0.03, 0.1])
    x = np.abs(curve(n, gamma, alpha, beta) * (1 + noise * random.standard_normal(len(n))))
    return n, x


def main(count):
    random = np.random.default_rng(20260101)
    sets = []
    while len(sets) < count:
        n, x = data_set(random)
        if len(np.unique(n)) < 4:
            continue
        entry = {"n": n.tolist(), "x": x.tolist()}
        laws = {"linear": {"alpha": 0.0, "beta": 0.0}, "amdahl": {"beta": 0.0}, "usl": {}}
        for law, fixed in laws.items():
            coefficients, squares = fit(n, x, fixed)
            entry[law] = {"coefficients": coefficients, "squares": squares}
            if len(sets) % 4 == 0 and len(n) > 3:
                names = [name for name in ("gamma", "alpha", "beta") if name not in fixed]
                entry[law]["intervals"] = {
                    name: interval(n, x, name, coefficients, fixed) for name in names
                }
        sets.append(entry)
    json.dump(sets, sys.stdout)


main(int(sys.argv[1]))
