"""Recomputes comparisons with a baseline, and a trend, from the raw runs with pandas, NumPy and SciPy.

usage: regression.py CMO_METRICS DATA

load_50_b against a baseline of one run, against one of two runs, against one of three with itself among them, and a copy of it
with slower requests against the first; the trend of load_50. Definitions are those of docs/METHODOLOGY.md, limits those of
config/default.toml; nothing is taken from the report but the judged windows.
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


def memory(y):
    """The lag-1 autocorrelation of the batches, freed from its bias in short series (Marriott and Pope 1954)."""
    b, d = len(y), y - y.mean()
    return (b * (d[:-1] @ d[1:]) / (d @ d) + 1) / (b - 3)


class Judgement:
    """One metric of one run (the first) against those of a baseline, on the scale on which errors add."""

    def __init__(self, key, y, variances, sigma):
        self.key, self.metric, self.d = key, key[1], y[0] - np.mean(y[1:])
        if self.metric in HIGHER_IS_BETTER:
            self.d = -self.d
        m = len(y) - 1
        p = 2 * np.mean(variances) + sigma**2
        n0, seen = LIMITS["run_noise_weight"], np.var(y[1:], ddof=1) if m > 1 else 0.0
        if m >= 3 and seen / p > stats.f.ppf(1 - LIMITS["run_noise_doubted_at"], m - 1, LIMITS["run_noise_weight"]):
            n0 = LIMITS["run_noise_weight_doubted"]
        self.freedom = n0 + m - 1
        self.e = np.sqrt((n0 * p + (m - 1) * seen) / self.freedom * (1 + 1 / m))

    def t(self, probability):
        return stats.t.ppf(probability, self.freedom)

    def numbers(self):
        """Change, ends of its interval, and the smallest change that would be found; as they are reported."""
        reach = self.t(0.5 + LIMITS["confidence"] / 2) * self.e
        rule = rule_of(self.key)
        least = rule["medium"] if rule.get("gate") else rule["margin"]
        worse = self.metric in HIGHER_IS_BETTER
        if self.metric not in IN_POINTS:
            # Limits of severity are as they read, margins the same in both directions.
            least = -np.log1p(-least) if worse and rule.get("gate") else np.log1p(least)
        found = max(least, self.t(1 - LIMITS["alpha"]) * self.e) + self.t(LIMITS["power"]) * self.e
        harms = np.array([self.d, self.d - reach, self.d + reach, found])
        if worse:
            harms = -harms[[0, 2, 1, 3]]
        return harms if self.metric in IN_POINTS else np.expm1(harms)

    def p_worse(self):
        return stats.t.sf(self.d / self.e, self.freedom)

    def word(self, p_worse):
        margin = rule_of(self.key)["margin"]
        margin = margin if self.metric in IN_POINTS else np.log1p(margin)
        reach = self.t(0.5 + LIMITS["confidence"] / 2) * self.e
        if self.d > margin and p_worse <= LIMITS["alpha"]:
            return "regressed"
        if -self.d > margin and 1 - self.p_worse() <= LIMITS["alpha"]:
            return "improved"
        if -margin <= self.d - reach and self.d + reach <= margin:
            return "unchanged"
        return "suspected" if self.d > margin and self.p_worse() <= (1 - LIMITS["confidence"]) / 2 else "inconclusive"


def relative(key, runs):
    """Of (value, values of batches) of each run, the judged one first."""
    batches = [np.log(values) for _, values in runs]
    usual = np.mean([y.var(ddof=1) for y in batches[1:]])
    # A run that varies far more than its baseline tells nothing of how much runs vary.
    kept = batches[1:] if batches[0].var(ddof=1) > LIMITS["varies_more_from"] * usual else batches
    phi = np.clip(np.mean([memory(y) for y in kept]), 0.0, 0.8)
    variances = [y.var(ddof=1) / len(y) * (1 + phi) / (1 - phi) for y in kept]
    found = Judgement(key, np.log([value for value, _ in runs]), variances, LIMITS["run_noise"])
    values = [runs[0][0], np.exp(np.mean(np.log([value for value, _ in runs[1:]])))]
    independent = [len(y) * (1 - phi) / (1 + phi) for y in batches]
    return found, values, [independent[0] if len(kept) == len(batches) else None, sum(independent[1:])]


def points(key, runs):
    """Of (share, effective number of calls) of each run, the judged one first."""
    variances = []
    for share, n in runs:
        p = (share * n + 1) / (n + 2)
        variances.append(p * (1 - p) / (n + 2))
    found = Judgement(key, [share for share, _ in runs], variances, LIMITS["run_noise_points"])
    shares, sizes = [share for share, _ in runs], [n for _, n in runs]
    return found, [shares[0], np.mean(shares[1:])], [sizes[0], sum(sizes[1:])]


def recomputed(runs):
    """(component, metric) → judgement, values and effective numbers, of the first run."""
    found = {}
    for component in ["request", "lightrag"]:
        for metric in ["ok_p50_ms", "ok_p95_ms", "ok_p99_ms", "ok_mean_ms"]:
            key = component, metric
            found[key] = relative(key, [one.time(component, metric) for one in runs])
        key = component, "success_rate"
        found[key] = points(key, [one.share(component) for one in runs])
    key = "request", "ok_per_s"
    found[key] = relative(key, [one.throughput() for one in runs])
    return found


def rule_of(key):
    rules = LIMITS["metrics"]
    return rules.get("/".join(key)) or rules[f"*/{key[1]}"]


def slope_per_min(one):
    """Slope of the logarithm of the mean response time of the requests that end in each bin of whole clock seconds, times their
    geometric mean."""
    first, last = -(-one.window["start_us"] // SECOND_US), one.window["end_us"] // SECOND_US
    rows = one.all[(one.all["component"] == "request") & one.all["outcome"].notna()]
    second = (rows["us"] + np.floor(rows["duration_ms"] * 1000)) // SECOND_US - first
    within = (second >= 0) & (second < last - first)
    trend, count = CONFIG["trend"], last - first
    holding = int(np.ceil(trend["min_requests_per_bin"] * count / within.sum()))
    usual = min(trend["bin_s"], count // (3 * trend["min_points"]))
    width = max(holding, usual, -(-count // trend["max_points"]), 1)
    within &= second < (last - first) // width * width
    means = rows["duration_ms"][within].groupby(second[within] // width).mean()
    logarithms = np.log(means)
    return np.exp(logarithms.mean()) * stats.linregress(means.index.to_numpy() * width / 60, logarithms).slope


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
    for key, (judgement, values, sizes) in recomputed(runs).items():
        what, change = f"{path.stem} against {len(baselines)}: {'/'.join(key)}", changes[key]
        interval, found = change["interval"], change["smallest_detectable_change"]
        said = [change["change"], interval["low"], interval["high"], found]
        tally.check(f"{what}, change", said, judgement.numbers(), 1e-6)
        tally.check(f"{what}, values", [change[side] for side in SIDES], values, 1e-9)
        sizes = dict(zip(SIDES, sizes, strict=True))
        for side, size in sizes.items():
            if size is not None:
                tally.check(f"{what}, {side}", change[f"{side}_effective_samples"], size, 1e-6)
        p = judgement.p_worse()
        if change["gate"]:
            tally.check(f"{what}, p", change["p"], p, 1e-6)
        # Beside the gate p is adjusted over all metrics there, which only raises it.
        tally.check(f"{what}, adjusted", str(change["p"] >= p * (1 - 1e-6)), "True", 0)
        tally.check(f"{what}, word", change["word"], judgement.word(change["p"]), 0)
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
        compare(tally, binary, second, [first, second, third], folder)
        compare(tally, binary, slower_copy(second, folder), [first], folder)
        said = baseline.report["trend_analysis"]["response_time"]["slope_per_min"]
        tally.check("trend of response_time", said, slope_per_min(baseline), 1e-9)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(tally.failed > 0)


if __name__ == "__main__":
    main()
