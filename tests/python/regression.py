"""Recomputes a comparison with a baseline from the raw runs with pandas, NumPy and SciPy: regression.py BINARY DATA

The definitions are those of docs/METHODOLOGY.md ("Change against a baseline"); nothing is taken from the report but
the judged windows.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

CONFIDENCE, NOISE, NOISE_POINTS = 0.98, 0.03, 0.0025
BATCHES, FEWEST, BEYOND = 20, 8, 5


def run(binary, *arguments, cwd):
    return subprocess.run([binary, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def report_of(binary, path, folder, *more):
    said = run(binary, "analyze", str(path), "--format", "json", *more, cwd=folder)
    return json.loads(said.stdout)["runs"][0]


def calls_of(path, report, component):
    """Calls of a component that start in the judged window, by time, with the second in which each starts."""
    window = report["windows"]["judged"]
    table = pd.read_parquet(path, columns=["ts", "component", "outcome", "duration_ms"])
    us = table["ts"].astype("datetime64[us, UTC]").astype("int64")
    rows = table[(table["component"] == component) & (us >= window["start_us"]) & (us < window["end_us"])]
    rows = rows.assign(us=us[rows.index]).sort_values(["us", "outcome", "duration_ms"])
    return rows.assign(second=(rows["us"] - window["start_us"]) // 1_000_000), window


def batches_by_count(seconds, per_batch):
    """Each second goes to the batch in which the middle of its samples falls; as many batches as are full enough."""
    counts = np.bincount(seconds)
    middles = 2 * np.cumsum(counts) - counts
    most = min(BATCHES, int(len(seconds) / per_batch * (1 + 1e-9)))
    for wanted in range(most, FEWEST - 1, -1):
        place = middles * wanted // (2 * len(seconds))
        batch = place[seconds]
        sizes = pd.Series(batch).value_counts()
        if len(sizes) >= FEWEST and sizes.min() >= per_batch * (1 - 1e-9):
            return batch
    raise AssertionError("too few samples")


def within(values):
    """Variance of the mean of the logarithms, its degrees of freedom."""
    y = np.log(values)
    k = len(y)
    d = y - y.mean()
    lag_1 = (d[:-1] @ d[1:]) / (d @ d)
    memory = min(max((k * lag_1 + 1) / (k - 3), 0.0), 0.8)
    effective = k * (1 - memory) / (1 + memory)
    return y.var(ddof=1) / effective, min(max(effective - 1, 2.0), k - 1)


def relative(current, baseline):
    """(change, low, high) of two (value, batch values)."""
    log_ratio = np.log(current[0] / baseline[0])
    (v, df_v), (u, df_u) = within(current[1]), within(baseline[1])
    variance = v + u + 2 * NOISE**2
    df = variance**2 / (v**2 / df_v + u**2 / df_u)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, df) * np.sqrt(variance)
    return np.expm1([log_ratio, log_ratio - half, log_ratio + half])


def time(calls, statistic, per_batch):
    rows = calls[(calls["outcome"] == "ok") & calls["duration_ms"].notna()]
    batch = batches_by_count(rows["second"].to_numpy(), per_batch)
    return statistic(rows["duration_ms"]), rows.groupby(batch)["duration_ms"].apply(statistic).to_numpy()


def throughput(calls, window):
    rows = calls[calls["outcome"] == "ok"]
    length_s = (window["end_us"] - window["start_us"]) / 1e6
    whole = int(length_s)
    edges = [batch * whole // BATCHES for batch in range(BATCHES + 1)]
    counts, _ = np.histogram(rows["second"], bins=edges)
    # The last edge of a histogram is closed; seconds behind the whole ones are in no batch.
    counts[-1] -= (rows["second"] == whole).sum()
    return len(rows) / length_s, counts / np.diff(edges)


def wilson(hits, n):
    z = stats.norm.ppf(0.5 + CONFIDENCE / 2)
    centre, spread = hits + z * z / 2, z * np.sqrt(hits / n * (n - hits) + z * z / 4)
    return (centre - spread) / (n + z * z), (centre + spread) / (n + z * z)


def share(current, baseline, effective):
    """(change, low, high) of two shares, with their effective numbers of calls as the report has them."""
    (a, low_a, high_a), (b, low_b, high_b) = ((p, *wilson(p * n, n)) for p, n in zip((current, baseline), effective))
    noise = stats.norm.ppf(0.5 + CONFIDENCE / 2) * NOISE_POINTS * np.sqrt(2)
    below = np.hypot(np.hypot(a - low_a, high_b - b), noise)
    above = np.hypot(np.hypot(high_a - a, b - low_b), noise)
    return a - b, a - b - below, a - b + above


def rate(calls):
    return (calls["outcome"] == "ok").sum() / len(calls)


def expected(paths, reports):
    """Metric → (change, low, high), recomputed."""
    sides = [calls_of(path, report, "request") for path, report in zip(paths, reports)]
    found = {}
    for name, statistic, per_batch in [
        ("p50_ms", lambda ms: np.quantile(ms, 0.5), BEYOND / 0.5),
        ("p95_ms", lambda ms: np.quantile(ms, 0.95), BEYOND / 0.05),
        ("p99_ms", lambda ms: np.quantile(ms, 0.99), BEYOND / 0.01),
        ("mean_ms", np.mean, BEYOND / 0.5),
    ]:
        found["request", name] = relative(*(time(calls, statistic, per_batch) for calls, _ in sides))
    found["request", "throughput_per_s"] = relative(*(throughput(*side) for side in sides))
    return found


def main():
    binary, data = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
    paths = [data / "load_50_b.parquet", data / "load_50.parquet"]
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        said = run(binary, "baseline", "save", str(paths[1]), "--name", "before", cwd=folder)
        assert said.returncode == 0, said.stderr
        reports = [report_of(binary, paths[0], folder, "--baseline", "before"), report_of(binary, paths[1], folder)]
        changes = reports[0]["regression_analysis"]["comparison"]["changes"]
        changes = {(change["component"], change["metric"]): change for change in changes}
        wanted = expected(paths, reports)
        for component in ["request", "lightrag"]:
            change = changes[component, "success_rate"]
            effective = (change["current_effective_samples"], change["baseline_effective_samples"])
            rates = [rate(calls_of(path, report, component)[0]) for path, report in zip(paths, reports)]
            wanted[component, "success_rate"] = share(*rates, effective)
        for key, numbers in wanted.items():
            interval = changes[key]["interval"]
            said = [changes[key]["change"], interval["low"], interval["high"]]
            if np.allclose(said, numbers, rtol=1e-6, atol=1e-12):
                passed += 1
            else:
                failed += 1
                print(f"{'/'.join(key)}: the report says {said}, recomputed {list(numbers)}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
