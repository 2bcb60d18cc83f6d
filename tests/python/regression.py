"""Recomputes comparisons with a baseline, and a trend, from the raw runs with pandas, NumPy and SciPy.

usage: regression.py CMO_METRICS DATA

load_50_b against a baseline of one run, against one of two runs, and a copy of it with slower requests against the
first; the trend of load_50. Definitions are those of docs/METHODOLOGY.md, limits those of config/default.toml;
nothing is taken from the report but the judged windows.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
from pyarrow import compute
from scipy import stats

CONFIG = tomllib.loads((Path(__file__).parents[2] / "config/default.toml").read_text())
LIMITS = CONFIG["regression"]
Z = stats.norm.ppf(0.5 + LIMITS["confidence"] / 2)
SECOND_US, SIDES = 1_000_000, ["current", "baseline"]
# Which way a metric is worse, and on which scale it changes (docs/METRICS.md): the others are relative, and better when lower.
HIGHER_IS_BETTER, IN_POINTS = {"success_rate", "ok_per_s"}, {"success_rate"}
# The requests of the copy are slower beyond every margin.
SLOWER = 1.6


def run(binary, *arguments, cwd):
    return subprocess.run([binary, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)


def report_of(binary, path, folder, *more):
    return json.loads(run(binary, "analyze", path, "--format", "json", *more, cwd=folder).stdout)["runs"][0]


class Run:
    """A run file, the part of it that is judged, and what it tells of its metrics."""

    def __init__(self, binary, path, folder):
        self.report = report_of(binary, path, folder)
        self.window = self.report["windows"]["judged"]
        table = pd.read_parquet(path, columns=["ts", "component", "outcome", "duration_ms"])
        us = table["ts"].astype("datetime64[us, UTC]").astype("int64")
        self.all = table.assign(us=us)
        self.rows = self.all[(us >= self.window["start_us"]) & (us < self.window["end_us"])]

    def calls(self, component):
        """Calls that start in the window, by time, with the second (from the window's start) in which each starts."""
        rows = self.rows.assign(second=(self.rows["us"] - self.window["start_us"]) // SECOND_US)
        return rows[rows["component"] == component].sort_values("us", kind="stable")

    def time(self, component, metric):
        """(value, values of the batches) of a time of the successful calls."""
        quantile = {"ok_p50_ms": 0.5, "ok_p95_ms": 0.95, "ok_p99_ms": 0.99}.get(metric)
        statistic = np.mean if quantile is None else lambda ms: np.quantile(ms, quantile)
        rows = self.calls(component).query("outcome == 'ok' and duration_ms.notna()")
        # A mean wants as many samples as a median does.
        per_batch = LIMITS["min_beyond_per_batch"] / (1 - (quantile or 0.5))
        batch = batches_by_count(rows["second"].to_numpy(), per_batch)
        return statistic(rows["duration_ms"]), rows.groupby(batch)["duration_ms"].apply(statistic).to_numpy()

    def throughput(self):
        seconds = self.calls("request").query("outcome == 'ok'")["second"]
        length_s = (self.window["end_us"] - self.window["start_us"]) / SECOND_US
        # Equal shares of the whole seconds; what starts behind the last of them is in no batch.
        edges = [batch * int(length_s) // LIMITS["batches"] for batch in range(LIMITS["batches"] + 1)]
        counts, _ = np.histogram(seconds[seconds < int(length_s)], bins=edges)
        # The rate counts what ended in the window, wherever it started.
        ok = self.all[(self.all["component"] == "request") & (self.all["outcome"] == "ok")]
        ends = ok["us"] + np.floor(ok["duration_ms"].fillna(0) * 1000).astype("int64")
        ended = ends.between(self.window["start_us"], self.window["end_us"]).sum()
        return ended / length_s, counts / np.diff(edges)

    def share(self, component):
        """(success rate, effective number of calls)."""
        ok = (self.calls(component)["outcome"] == "ok").to_numpy(float)
        return ok.mean(), effective_size(ok)


def batches_by_count(seconds, per_batch):
    """Each second goes to the batch in which the middle of its samples falls; as many batches as are full enough."""
    counts = np.bincount(seconds)
    middles = 2 * np.cumsum(counts) - counts
    most = min(LIMITS["batches"], int(len(seconds) / per_batch * (1 + 1e-9)))
    for wanted in range(most, LIMITS["min_batches"] - 1, -1):
        batch = (middles * wanted // (2 * len(seconds)))[seconds]
        sizes = pd.Series(batch).value_counts()
        if len(sizes) >= LIMITS["min_batches"] and sizes.min() >= per_batch * (1 - 1e-9):
            return batch
    raise AssertionError("too few samples")


def effective_size(x):
    """The smaller of Geyer's initial monotone sequence and means of batches of the root of n, at most n."""
    n, d = len(x), x - x.mean()
    if x.var() == 0:
        return n
    rho = np.fft.irfft(np.abs(np.fft.rfft(d, 2 * n)) ** 2)[: n // 2 * 2] / (d @ d)
    pairs = rho.reshape(-1, 2).sum(axis=1)
    positive = np.logical_and.accumulate(pairs > 0)
    tau = 2 * np.minimum.accumulate(pairs)[positive].sum() - 1
    size = int(np.sqrt(n))
    means = x[: n // size * size].reshape(-1, size).mean(axis=1)
    return min(n, n / tau if tau > 0 else n, n * x.var(ddof=1) / (size * means.var(ddof=1)))


def inside(values):
    """What a run's batches tell of its logarithm: variance, degrees of freedom, effective number of batches."""
    y = np.log(values)
    batches, d = len(y), y - y.mean()
    r = np.clip((batches * (d[:-1] @ d[1:]) / (d @ d) + 1) / (batches - 3), 0.0, 0.8)
    k = batches * (1 - r) / (1 + r)
    return y.var(ddof=1) / k, max(k - 1, 2.0), k


def relative(current, baselines):
    """What is reported of a number whose change is relative, of (value, values of batches) of each run."""
    m = len(baselines)
    logarithms = np.log([value for value, _ in baselines])
    base = logarithms.mean()
    v, df, k = inside(current[1])
    within = [inside(values) for _, values in baselines]
    noise, noise_df = LIMITS["run_noise"] ** 2, np.inf
    if m > 1:
        between = logarithms.var(ddof=1) - np.mean([variance for variance, _, _ in within])
        if between > noise:
            weight = LIMITS["run_noise_weight"]
            noise, noise_df = (weight * noise + (m - 1) * between) / (weight + m - 1), weight + m - 1
    parts = [(v, df), *((variance / m**2, d) for variance, d, _ in within), (noise * (1 + 1 / m), noise_df)]
    total = sum(variance for variance, _ in parts)
    df = total**2 / sum(variance**2 / d for variance, d in parts)
    change, half = np.log(current[0]) - base, stats.t.ppf(0.5 + LIMITS["confidence"] / 2, df) * np.sqrt(total)
    effective = [k, sum(k for _, _, k in within)]
    return [current[0], np.exp(base)], np.expm1([change, change - half, change + half]), effective


def wilson(share, n):
    centre, spread = share * n + Z * Z / 2, Z * np.sqrt(n * share * (1 - share) + Z * Z / 4)
    return (centre - spread) / (n + Z * Z), (centre + spread) / (n + Z * Z)


def points(current, baselines):
    """What is reported of a share, of (share, effective number of calls) of each run."""
    a, n_a = current
    # The change is against the mean of the runs, its widths are those of all their effective calls together.
    b, n_b = np.mean([share for share, _ in baselines]), sum(n for _, n in baselines)
    pooled = sum(share * n for share, n in baselines) / n_b
    (low_a, high_a), (low_b, high_b) = wilson(a, n_a), wilson(pooled, n_b)
    noise = Z * LIMITS["run_noise_points"] * np.sqrt(1 + 1 / len(baselines))
    below = np.hypot(np.hypot(a - low_a, high_b - pooled), noise)
    above = np.hypot(np.hypot(high_a - a, pooled - low_b), noise)
    return [a, b], np.array([a - b, a - b - below, a - b + above]), [n_a, n_b]


def word(numbers, metric, margin):
    """The word for (change, low, high); the correction for many metrics decides none of these runs."""
    change, low, high = numbers if metric in IN_POINTS else np.log1p(numbers)
    margin = margin if metric in IN_POINTS else np.log1p(margin)
    if metric in HIGHER_IS_BETTER:
        change, low, high = -change, -high, -low
    if low > margin:
        return "regressed"
    if -margin <= low and high <= margin:
        return "unchanged"
    if change > margin and low > 0:
        return "suspected"
    return "improved" if high < -margin else "inconclusive"


def recomputed(runs):
    """(component, metric) → values, change with interval, effective numbers, word, of the first run."""
    found = {}
    for component in ["request", "lightrag"]:
        for metric in ["ok_p50_ms", "ok_p95_ms", "ok_p99_ms", "ok_mean_ms"]:
            sides = [one.time(component, metric) for one in runs]
            found[component, metric] = relative(sides[0], sides[1:])
        shares = [one.share(component) for one in runs]
        found[component, "success_rate"] = points(shares[0], shares[1:])
    rates = [one.throughput() for one in runs]
    found["request", "ok_per_s"] = relative(rates[0], rates[1:])
    return {key: (*numbers, word(numbers[1], key[1], margin_of(*key))) for key, numbers in found.items()}


def margin_of(component, metric):
    rules = LIMITS["metrics"]
    return (rules.get(f"{component}/{metric}") or rules[f"*/{metric}"])["margin"]


def slope_per_min(one):
    """Theil–Sen slope of the mean response time of the requests that end in each bin of whole clock seconds."""
    first, last = -(-one.window["start_us"] // SECOND_US), one.window["end_us"] // SECOND_US
    rows = one.all[(one.all["component"] == "request") & one.all["outcome"].notna()]
    second = (rows["us"] + np.floor(rows["duration_ms"] * 1000)) // SECOND_US - first
    within = (second >= 0) & (second < last - first)
    width = max(int(np.ceil(CONFIG["trend"]["min_requests_per_bin"] * (last - first) / within.sum())), 1)
    within &= second < (last - first) // width * width
    means = rows["duration_ms"][within].groupby(second[within] // width).mean()
    return stats.theilslopes(means, means.index.to_numpy() * width / 60).slope


class Tally:
    passed = failed = 0

    def check(self, what, said, wanted, tolerance):
        same = said == wanted if isinstance(wanted, str) else np.allclose(said, wanted, rtol=tolerance, atol=1e-12)
        self.passed, self.failed = self.passed + same, self.failed + (not same)
        if not same:
            print(f"{what}: the report says {said}, recomputed {wanted}")


def compare(tally, binary, path, baselines, folder):
    saved = run(binary, "baseline", "save", *baselines, "--name", "b", "--replace", cwd=folder)
    assert saved.returncode == 0, saved.stderr
    report = report_of(binary, path, folder, "--baseline", "b")
    changes = {(one["component"], one["metric"]): one for one in report["regression_analysis"]["comparison"]["changes"]}
    runs = [Run(binary, one, folder) for one in [path, *baselines]]
    for key, (values, numbers, sizes, wanted) in recomputed(runs).items():
        what, change = f"{path.stem} against {len(baselines)}: {'/'.join(key)}", changes[key]
        said = [change["change"], change["interval"]["low"], change["interval"]["high"]]
        tally.check(f"{what}, change", said, numbers, 1e-6)
        tally.check(f"{what}, values", [change[side] for side in SIDES], values, 1e-9)
        tally.check(f"{what}, effective number", [change[f"{side}_effective_samples"] for side in SIDES], sizes, 1e-6)
        tally.check(f"{what}, word", change["word"], wanted, 0)
    return runs[1:]


def slower_copy(path, folder):
    table = parquet.read_table(path)
    is_request = compute.equal(table["component"].cast("string"), "request")
    ms = compute.multiply(table["duration_ms"], compute.if_else(is_request, SLOWER, 1.0))
    place, field = table.schema.get_field_index("duration_ms"), table.schema.field("duration_ms")
    copy = Path(folder) / "slower.parquet"
    # What was recorded of the run goes along; the checksum of its rows cannot.
    recorded = {b"cmo.run": parquet.read_metadata(path).metadata[b"cmo.run"]}
    parquet.write_table(table.set_column(place, field, ms).replace_schema_metadata(recorded), copy)
    return copy


def main():
    binary, data = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
    first, second, third = (data / f"load_50{letter}.parquet" for letter in ["", "_b", "_c"])
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        (baseline,) = compare(tally, binary, second, [first], folder)
        compare(tally, binary, second, [first, third], folder)
        compare(tally, binary, slower_copy(second, folder), [first], folder)
        said = baseline.report["trend_analysis"]["response_time"]["slope_per_min"]
        tally.check("trend of response_time", said, slope_per_min(baseline), 1e-9)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(tally.failed > 0)


if __name__ == "__main__":
    main()
