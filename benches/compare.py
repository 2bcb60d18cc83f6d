"""How fast `compare` is, beside DuckDB on the same runs and beside mere decoding, in one go.

    python -m pip install -r benches/requirements.txt
    python benches/compare.py [--corpus DIR] [--runs 16] [--events 5437500] [--rounds 5]

Makes the corpus where it is missing (about 0.7 GB), then measures round after round, each contestant once a round, so
that what else the machine does meets all of them; prints medians. DuckDB answers two questions in SQL: per run and
component counts, outcomes, nine percentiles, tokens and cost; and per run, component and tick of 100 ms count, ok,
mean and P95. `compare` does all that it does and writes its folder. At the end the answers are compared.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/cmo-metrics"
DECODE = ROOT / "target/release/examples/decode"
QUANTILES = [0.25, 0.5, 0.75, 0.85, 0.9, 0.95, 0.99, 0.995, 0.999]
TOLERANCE = 1e-9

OK = "outcome IN ('ok', 'hit')"
# What counts as a call that came to an end, and the tick in which it ended: docs/TABLES.md.
FINISHED = (
    "component NOT IN ('process', 'phase') AND (component <> 'circuit_breaker' OR operation = 'call') "
    "AND (outcome IS NOT NULL OR operation IN ('put', 'evict', 'promote_from_l2', 'promote_from_l3'))"
)
TICK = "(epoch_us(ts) + CAST(floor(coalesce(duration_ms, 0) * 1000) AS BIGINT)) // 100000"

BY_COMPONENT = f"""
    SELECT filename, component, count(*) AS n, count(*) FILTER ({OK}) AS ok,
           count(*) FILTER (outcome = 'miss') AS miss, count(*) FILTER (outcome = 'blocked') AS blocked,
           count(*) FILTER (outcome NOT IN ('ok', 'hit', 'miss', 'blocked')) AS failed,
           quantile_cont(duration_ms, {QUANTILES}) AS quantiles, count(duration_ms) AS timed,
           sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out, sum(cost_usd) AS cost_usd
    FROM read_parquet('FILES', filename = true) WHERE {FINISHED} GROUP BY ALL"""
BY_TICK = f"""
    SELECT filename, component, {TICK} AS tick, count(*) AS n, count(*) FILTER ({OK}) AS ok,
           avg(duration_ms) AS mean_ms, quantile_cont(duration_ms, 0.95) AS p95_ms
    FROM read_parquet('FILES', filename = true) WHERE {FINISHED} GROUP BY ALL"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--corpus", type=Path, default=ROOT / "target/bench/corpus")
    arguments.add_argument("--runs", type=int, default=16)
    arguments.add_argument("--events", type=int, default=5_437_500, help="in each run")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments.add_argument("--duckdb", metavar="SECONDS_OF", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.duckdb:
        return duckdb_child(asked.duckdb, asked.jobs)
    prepare(asked)
    with tempfile.TemporaryDirectory() as folder:
        measure(asked, Path(folder))


def prepare(asked):
    run = lambda *words: subprocess.run(words, cwd=ROOT, check=True)
    run("cargo", "build", "--release", "--example", "decode")
    run("cargo", "build", "--release")
    if not asked.corpus.is_dir():
        words = ["--corpus", str(asked.corpus), "--runs", str(asked.runs), "--events", str(asked.events), "-q"]
        run(str(PROGRAM), "simulate", *words)


def measure(asked, folder):
    files = sorted(str(file) for file in asked.corpus.glob("*.parquet"))
    minute = folder / "minute.parquet"
    words = ["simulate", "healthy", "--users", "400", "--rate", "2000", "--duration", "60", "-q", "--out", str(minute)]
    subprocess.run([PROGRAM, *words], check=True)
    compare = lambda runs, jobs: timed([PROGRAM, "compare", *runs, "-q", "--jobs", str(jobs), "--out", folder / "out"])
    contestants = {
        "DuckDB, the two questions": lambda: duckdb_seconds(asked, files),
        "compare, all runs": lambda: compare(files, asked.jobs),
        "decoding by arrow-rs": lambda: decoding(asked, files),
        "compare, one thread": lambda: compare(files, 1),
        "compare, 4 runs": lambda: compare(spread(files, 4), asked.jobs),
        "compare, 1 run": lambda: compare(spread(files, 1), asked.jobs),
        "analyze, one minute": lambda: timed([PROGRAM, "analyze", minute, "-q", "--out", folder / "one"]),
    }
    found = {name: [] for name in contestants}
    # One round before it fills the caches.
    for round_ in range(asked.rounds + 1):
        for name, contestant in contestants.items():
            result = contestant()
            if round_ > 0:
                found[name].append(result)
    seconds = {name: statistics.median(result[0] for result in results) for name, results in found.items()}
    peak_mb = {name: max(result[1] for result in results) for name, results in found.items()}
    table(asked, files, minute, seconds, peak_mb)
    compare(files, asked.jobs)
    check(files, folder / "out")


def spread(files, number):
    """So many of the files, spread over the levels of load: with few users a run of as many events is longer, and has more ticks."""
    return [files[(2 * place + 1) * len(files) // (2 * number)] for place in range(number)]


def table(asked, files, minute, seconds, peak_mb):
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    events = rows(files)
    print(f"\n{time.strftime('%Y-%m-%d')}, {version}, {asked.jobs} threads, medians of {asked.rounds} rounds")
    print(f"{len(files)} runs, {events / 1e6:.1f} million events, {size_mb(files):,.0f} MB; one minute: {rows([minute]):,} events\n")
    print("| | seconds | peak MB |\n|---|---:|---:|")
    for name, value in seconds.items():
        print(f"| {name} | {value:.2f} | {peak_mb[name]:,.0f} |")
    all_runs = seconds["compare, all runs"]
    per_event = [seconds[f"compare, {name}"] / rows(part) * 1e9 for name, part in
                 (("1 run", spread(files, 1)), ("4 runs", spread(files, 4)), ("all runs", files))]
    print("\n| ratio | |\n|---|---:|")
    print(f"| DuckDB / compare | {seconds['DuckDB, the two questions'] / all_runs:.2f} |")
    print(f"| compare / decoding | {all_runs / seconds['decoding by arrow-rs']:.2f} |")
    print(f"| one thread / {asked.jobs} threads | {seconds['compare, one thread'] / all_runs:.2f} |")
    print(f"| ns an event, 1, 4 and {len(files)} runs | {', '.join(f'{ns:.0f}' for ns in per_event)} |")


def timed(words):
    """Seconds and peak memory, MB, of a command that must end with 0 or 3."""
    started = time.perf_counter()
    child = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        sys.exit(f"{words} ended with {code}")
    return seconds, usage.ru_maxrss / 1e3, output


def decoding(asked, files):
    os.environ["RAYON_NUM_THREADS"] = str(asked.jobs)
    try:
        _, peak_mb, output = timed([DECODE, *files])
    finally:
        del os.environ["RAYON_NUM_THREADS"]
    return float(output.split()[1]), peak_mb


def duckdb_seconds(asked, files):
    """In a process of its own: its memory is its own, too. Its start is not counted."""
    pattern = str(Path(files[0]).parent / "*.parquet")
    _, peak_mb, output = timed([sys.executable, __file__, "--duckdb", pattern, "--jobs", asked.jobs])
    return json.loads(output)["seconds"], peak_mb


def duckdb_child(pattern, jobs):
    import duckdb

    connection = duckdb.connect(config={"threads": jobs})
    started = time.perf_counter()
    for query in (BY_COMPONENT, BY_TICK):
        # As a table of its own: fetching rows into Python would count against DuckDB.
        connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {query.replace('FILES', pattern)}")
    print(json.dumps({"version": duckdb.__version__, "seconds": time.perf_counter() - started}))


def check(files, out):
    """The answers of both, compared; the whole run, since its window needs no explanation in SQL."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    pattern = str(Path(files[0]).parent / "*.parquet")
    connection.execute(f"CREATE TABLE by_component AS {BY_COMPONENT.replace('FILES', pattern)}")
    connection.execute(f"CREATE TABLE by_tick AS {BY_TICK.replace('FILES', pattern)}")
    run_id = "parse_filename(filename, true)"
    # Where calls failed, ours leaves out as many of the fastest.
    worst, compared = connection.execute(f"""
        SELECT max(abs(value_ms - expected) / greatest(abs(expected), 1e-300)), count(*)
        FROM (SELECT {run_id} AS run_id, component, unnest(quantiles) AS expected, unnest({QUANTILES}) AS quantile, timed, failed
              FROM by_component) AS theirs
        JOIN '{out}/percentiles.parquet' AS ours USING (run_id, component, quantile)
        WHERE ours.operation IS NULL AND outcome_class = 'finished' AND category IS NULL AND ours."window" = 'whole'
              AND ours.n = timed AND failed = 0""").fetchone()
    expected = connection.execute("SELECT count(*) * 9 FROM by_component WHERE timed > 0 AND failed = 0").fetchone()[0]
    report("percentiles of the whole runs", worst, compared, expected)
    worst, compared = connection.execute(f"""
        SELECT max(greatest(abs(ours.mean_ms - theirs.mean_ms) / theirs.mean_ms,
                            -- Where calls failed, ours leaves out as many of the fastest.
                            CASE WHEN ours.failed = 0 THEN abs(ours.p95_ms - theirs.p95_ms) / theirs.p95_ms END)),
               count(*)
        FROM (SELECT {run_id} AS run_id, * EXCLUDE (filename) FROM by_tick) AS theirs
        JOIN '{out}/timeseries_100ms.parquet' AS ours
        ON ours.run_id = theirs.run_id AND ours.component = theirs.component AND epoch_us(ours.ts) // 100000 = theirs.tick
        WHERE ours.count = theirs.n AND ours.ok = theirs.ok""").fetchone()
    report("ticks of the whole runs", worst, compared, connection.execute("SELECT count(*) FROM by_tick").fetchone()[0])
    worst, compared = sums_of_windows(connection, pattern, run_id, out)
    names = connection.execute(f"SELECT count(*) FROM '{out}/components.parquet' WHERE {SUMS}").fetchone()[0]
    report("counts, tokens and cost of the judged windows", worst, compared, names)


SUMS = "operation IS NULL AND metric IN ('finished', 'ok', 'failed', 'miss', 'blocked', 'total_tokens_in', 'total_tokens_out', 'total_cost_usd') AND value IS NOT NULL AND unit IN ('count', 'usd')"


def sums_of_windows(connection, pattern, run_id, out):
    return connection.execute(f"""
        WITH theirs AS (
            SELECT run_id, component, count(*)::DOUBLE AS finished, count(*) FILTER ({OK})::DOUBLE AS ok,
                   count(*) FILTER (outcome NOT IN ('ok', 'hit', 'miss', 'blocked'))::DOUBLE AS failed,
                   count(*) FILTER (outcome = 'miss')::DOUBLE AS miss, count(*) FILTER (outcome = 'blocked')::DOUBLE AS blocked,
                   sum(tokens_in)::DOUBLE AS total_tokens_in, sum(tokens_out)::DOUBLE AS total_tokens_out,
                   fsum(cost_usd) AS total_cost_usd
            FROM (SELECT {run_id} AS run_id, * FROM read_parquet('{pattern}', filename = true)) AS events
            JOIN (SELECT run_id, start, "end" FROM '{out}/runs.parquet') AS runs USING (run_id)
            WHERE ts >= start AND ts < "end" AND {FINISHED} GROUP BY ALL)
        SELECT max(abs(ours.value - theirs.value) / greatest(abs(theirs.value), 1)), count(*)
        FROM (UNPIVOT theirs ON COLUMNS(* EXCLUDE (run_id, component)) INTO NAME metric VALUE value) AS theirs
        JOIN (FROM '{out}/components.parquet' WHERE {SUMS}) AS ours USING (run_id, component, metric)""").fetchone()


def report(what, worst, compared, expected):
    is_same = compared == expected and worst is not None and worst <= TOLERANCE
    print(f"{'same' if is_same else 'DIFFERENT'}: {what}: {compared} of {expected} compared, largest relative difference {worst}")
    if not is_same:
        sys.exit(1)


def rows(files):
    import pyarrow.parquet

    return sum(pyarrow.parquet.read_metadata(file).num_rows for file in files)


def size_mb(files):
    return sum(os.path.getsize(file) for file in files) / 1e6


if __name__ == "__main__":
    main()
