"""Writes tests/accuracy/trend.json: slopes of dependent series, with t, p and interval, by NumPy and SciPy.

    python tests/python/trend_reference.py 12 > tests/accuracy/trend.json

The slope is a weighted least-squares fit; its variance comes from the lowest cosines after constant, line and the cosines
before have been taken out, by the QR decomposition of LAPACK: nothing is shared with the program but the definition.
"""

import json
import sys

import numpy as np
from scipy.stats import t as student

WAVES = 10
CONFIDENCE = 0.99


def series(random, number):
    """Times within 0..1, some bins missing, values with a memory and a slope, weights."""
    bins = int(random.integers(13, 90)) + 10
    kept = np.sort(random.permutation(bins)[: bins - number % 4])
    t = (kept + 0.5) / bins
    noise = np.zeros(bins)
    for index in range(1, bins):
        noise[index] = 0.7 * noise[index - 1] + 0.1 * random.standard_normal()
    y = 3 + random.uniform(-0.5, 0.5) * t + noise[kept]
    weights = np.ones(len(t)) if number % 2 else random.integers(1, 400, len(t)).astype(float)
    return t, y, weights


def judged(t, y, weights):
    roots = np.sqrt(weights)
    columns = [np.ones_like(t), t] + [np.cos(np.pi * wave * t) for wave in range(1, WAVES + 1)]
    q, _ = np.linalg.qr(np.column_stack(columns) * roots[:, None])
    slope = np.polynomial.polynomial.polyfit(t, y, 1, w=roots)[1]
    line = roots * (t - np.average(t, weights=weights))
    error = np.sqrt(np.mean((q[:, 2:].T @ (roots * y)) ** 2) / (line @ line))
    reach = student.ppf(0.5 + CONFIDENCE / 2, WAVES) * error
    return {
        "slope": slope,
        "standard_error": error,
        "p": 2 * student.sf(abs(slope / error), WAVES),
        "interval": [slope - reach, slope + reach],
    }


def main():
    random = np.random.default_rng(7)
    found = []
    for number in range(int(sys.argv[1])):
        t, y, weights = series(random, number)
        found.append({"t": list(t), "y": list(y), "weights": list(weights), **judged(t, y, weights)})
    json.dump(found, sys.stdout)


main()
