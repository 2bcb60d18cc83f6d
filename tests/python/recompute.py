"""Recomputes what `analyze` wrote from the run files alone, with DuckDB and NumPy, and compares.

usage: recompute.py CMO_METRICS RUNS…

Counts must be equal, percentiles equal to 1e-9 relative, rates to 1e-12; on each file, on its rows shuffled and on
the same rows split into parts. Nothing here reads the Rust code: the definitions are those of docs/TABLES.md.
"""
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as parquet

QUANTILES = [0.25, 0.5, 0.75, 0.85, 0.9, 0.95, 0.99, 0.995, 0.999]
END_US = "(epoch_us(ts) + coalesce(cast(floor(duration_ms * 1000) as bigint), 0))"
# Rows that are neither samples nor markers (docs/TABLES.md, "Which rows are calls").
IS_CALL = """(component not in ('process', 'phase')
    and not (component = 'circuit_breaker' and (operation = 'state' or contains(operation, '->')))
    and not (starts_with(component, 'cache_l') and operation = 'pressure')
    and not (outcome is null and duration_ms is null and value is not null))"""
# Caches report these without an outcome; they are finished all the same.
IS_UPKEEP = """(starts_with(component, 'cache_l') and (operation in ('put', 'evict')
    or starts_with(operation, 'promote')))"""
# Columns of `runs` that tell of the file, not of the rows: only our own files carry a checksum.
OF_THE_FILE = {"integrity", "clock_steps"}
# One time of generation, so that the same rows give the same bytes.
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "0"}
CLASS = """case when outcome in ('ok', 'hit') then 'ok' when outcome in ('miss', 'blocked') then 'neither'
    when outcome is not null then 'failed' end"""
COLUMNS = {
    "operation": "varchar", "outcome": "varchar", "duration_ms": "double", "value": "double", "instance": "varchar",
    "request_id": "ubigint", "cost_usd": "double", "tokens_in": "uinteger", "tokens_out": "uinteger",
    "detail": "varchar",
}


class Mismatch(Exception):
    pass


def close(found, wanted, relative, what):
    if (found is None) != (wanted is None):
        raise Mismatch(f"{what}: {found} instead of {wanted}")
    if found is None:
        return
    if not math.isclose(found, wanted, rel_tol=relative, abs_tol=0.0):
        raise Mismatch(f"{what}: {found!r} instead of {wanted!r}")


def same(found, wanted, what):
    if found != wanted:
        raise Mismatch(f"{what}: {found!r} instead of {wanted!r}")


def open_run(files):
    connection = duckdb.connect()
    listed = ", ".join(f"'{file}'" for file in files)
    source = f"read_parquet([{listed}], union_by_name = true)"
    present = {row[0] for row in connection.execute(f"describe select * from {source}").fetchall()}
    columns = ["ts", "component"] + [
        f"cast({name} as {kind}) as {name}" if name in present else f"cast(null as {kind}) as {name}"
        for name, kind in COLUMNS.items()
    ]
    connection.execute(f"create table raw as select {', '.join(columns)} from {source}")
    finished = f"(outcome is not null or {IS_UPKEEP} or duration_ms is not null)"
    connection.execute(
        f"""create table all_calls as select *, {END_US} as end_us, {CLASS} as class, {finished} as finished
        from raw where {IS_CALL}"""
    )
    look_at(connection, None)
    return connection


def look_at(connection, span):
    """Lets `calls` be those of a window: of [start, end) by their `ts`, or all."""
    where = "" if span is None else f"where epoch_us(ts) >= {span[0]} and epoch_us(ts) < {span[1]}"
    connection.execute(f"create or replace view calls as select * from all_calls {where}")


def whole_window(connection):
    """From the first request to the last instant with users, or when half of those in flight at the last start had ended."""
    start, last = connection.execute(
        "select min(epoch_us(ts)), max(epoch_us(ts)) from all_calls where component = 'request'"
    ).fetchone()
    users = connection.execute(
        "select max(epoch_us(ts)) from raw where component not in ('request', 'phase') and operation in ('active_users', 'active_concurrent_users') and value > 0"
    ).fetchone()[0]
    if users is None and start is not None:
        ends = connection.execute(
            f"select end_us from all_calls where component = 'request' and end_us >= {last} order by 1"
        ).fetchall()
        users = ends[(len(ends) - 1) // 2][0]
    return (start, start and max(users, last))


def ended_in(connection, start, end):
    """Requests that ended in a window, wherever they started."""
    return connection.execute(
        f"select count(*) from all_calls where component = 'request' and finished and end_us between {start} and {end}"
    ).fetchone()[0]


def judged_window(connection, report, what):
    """The span of the judged window, None where it is the whole run; recomputed where the run's markers choose it."""
    whole, judged = whole_window(connection), report["windows"]["judged"]
    found = (judged["start_us"], judged["end_us"])
    same((report["run"]["window"]["name"], report["run"]["window"]["start_us"]), (judged["window"], found[0]), f"{what} window")
    markers = connection.execute(
        """select epoch_us(ts), operation, lead(epoch_us(ts), 1, ?) over (order by ts, operation) from raw
        where component = 'phase' order by ts, operation""",
        [whole[1]],
    ).fetchall()
    steady = [(max(start, whole[0]), min(end, whole[1])) for start, name, end in markers if name == "steady"]
    steady = [span for span in steady if span[1] > span[0]]
    if steady:
        same(found, max(steady, key=lambda span: span[1] - span[0]), f"{what} window between markers")
        same(judged["window"], "chosen", f"{what} name of the window between markers")
    if whole[0] is None or found == whole:
        return None
    return found


def check_run_row(connection, report, row, span, what):
    # Outcomes are those of all that was sent, unless somebody cut a part out.
    sent = "calls" if row["window"] == "chosen" else "all_calls"
    count, ok, failed = connection.execute(
        f"""select count(*) filter (finished), count(*) filter (class = 'ok'), count(*) filter (class = 'failed')
        from {sent} where component = 'request'"""
    ).fetchone()
    same(row["requests"], count, f"{what} requests")
    if count == 0:
        return
    if ok + failed > 0:
        same(row["ok"], ok, f"{what} ok")
        same(row["failed"], failed, f"{what} failed")
        close(row["success_rate"], ok / (ok + failed), 1e-12, f"{what} success rate")
        close(report["executive_summary"]["overall_success_rate"], ok / (ok + failed), 1e-12, f"{what} overall")
    start, end = span or whole_window(connection)
    close(row["duration_s"], (end - start) / 1e6, 1e-12, f"{what} duration")
    close(row["throughput_per_s"], ended_in(connection, start, end) / ((end - start) / 1e6), 1e-12, f"{what} throughput")
    durations = weighed(connection, "component = 'request' and finished")
    for quantile, key in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")]:
        wanted = float(np.quantile(durations, quantile)) if len(durations) > 1 else None
        close(row[f"{key}_ms"], wanted, 1e-9, f"{what} {key}")
        close(report["detailed_metrics"]["response_times"][key], wanted, 1e-9, f"{what} report {key}")


def column(connection, query, arguments=()):
    values = [row[0] for row in connection.execute(query, arguments).fetchall() if row[0] is not None]
    return np.array(values, dtype=float)


def weighed(connection, where, arguments=()):
    """Durations of the calls without as many of the fastest as failed, ascending: what quantiles of finished calls rest on."""
    durations = np.sort(column(connection, f"select duration_ms from calls where {where}", arguments))
    failed = column(connection, f"select duration_ms from calls where {where} and class = 'failed'", arguments)
    return durations[len(failed):]


def check_percentiles(connection, table, what):
    """Every row of the table, and that no group of the run is missing from it."""
    seen = set()
    for row in table:
        where = ["component = ?", "finished"]
        arguments = [row["component"]]
        if row["operation"] is not None:
            where.append("operation = ?")
            arguments.append(row["operation"])
        if row["outcome_class"] != "finished":
            where.append("class = ?")
            arguments.append(row["outcome_class"])
        if row["category"] is not None:
            where.append("outcome = ?")
            arguments.append(row["category"])
        key = (row["component"], row["operation"], row["outcome_class"], row["category"])
        if key not in seen:
            where = " and ".join(where)
            durations = np.sort(column(connection, f"select duration_ms from calls where {where}", arguments))
            is_mixed = row["outcome_class"] == "finished" and row["category"] is None
            slow = weighed(connection, where, arguments) if is_mixed else durations
            check_percentiles.durations = durations, slow
            seen.add(key)
        durations, slow = check_percentiles.durations
        name = f"{what} {key} {row['quantile']}"
        same(row["n"], len(durations), f"{name} n")
        wanted = float(np.quantile(slow, row["quantile"])) if len(durations) > 1 and len(slow) else None
        close(row["value_ms"], wanted, 1e-9, name)
        beyond = len(slow) * min(row["quantile"], 1 - row["quantile"])
        same(row["low_sample"], beyond < 10 - 1e-9, f"{name} low_sample")
    groups = connection.execute("select distinct component, operation from calls where finished and duration_ms is not null").fetchall()
    for component, operation in groups:
        for wanted in {(component, None, "finished", None), (component, operation, "finished", None)}:
            if wanted not in seen:
                raise Mismatch(f"{what} {wanted} is missing from percentiles.parquet")


def check_whole(connection, report, what):
    """The whole run beside the judged window."""
    whole = report["windows"]["whole"]
    count, ok, failed = connection.execute(
        """select count(*) filter (finished), count(*) filter (class = 'ok'), count(*) filter (class = 'failed')
        from calls where component = 'request'"""
    ).fetchone()
    if count == 0:
        return
    start, end = whole_window(connection)
    same((whole["requests"], whole["ok"], whole["failed"]), (count, ok, failed), f"{what} requests of the whole")
    same((whole["window"]["start_us"], whole["window"]["end_us"]), (start, end), f"{what} whole window")
    close(whole["success_rate"], ok / (ok + failed), 1e-12, f"{what} success rate of the whole")
    close(whole["throughput"], ended_in(connection, start, end) / ((end - start) / 1e6), 1e-12, f"{what} throughput of the whole")
    durations = weighed(connection, "component = 'request' and finished")
    for quantile, key in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")]:
        close(whole[key], float(np.quantile(durations, quantile)), 1e-9, f"{what} {key} of the whole")


TICKS = [("timeseries", 1_000_000), ("timeseries_100ms", 100_000)]


def check_judged_ticks(report_dir, span, what):
    """The judged ticks are those that lie in the judged window, all of them where the whole run is judged."""
    for table, width in TICKS:
        inside = "true" if span is None else f"epoch_us(ts) >= {span[0]} and epoch_us(ts) + {width} <= {span[1]}"
        count, judged, differing = duckdb.connect().execute(
            f"""select count(*), count(*) filter (judged), count(*) filter (judged is distinct from ({inside}))
            from '{report_dir}/{table}.parquet'"""
        ).fetchone()
        same((count == 0 or judged > 0, differing), (True, 0), f"{what} judged rows of {table}")


def check_windows(report_dir, report, what):
    found = {row["window"]: row for row in rows(report_dir / "windows.parquet")}
    name, judged = report["run"]["window"]["name"], report["windows"]["judged"]
    same(set(found), {"whole", name}, f"{what} windows")
    same([window for window, row in found.items() if row["judged"]], [name], f"{what} judged window")
    for row, wanted in [(found["whole"], report["windows"]["whole"]["window"]), (found[name], report["run"]["window"])]:
        instants = tuple(round(row[key].timestamp() * 1e6) for key in ("start", "end"))
        same(instants, (wanted["start_us"], wanted["end_us"]), f"{what} span of the window {row['window']}")
        close(row["duration_s"], wanted["duration_s"], 1e-12, f"{what} length of the window {row['window']}")
    same((found[name]["is_trusted"], found[name]["reason"]), (judged["is_trusted"], judged["because"]), f"{what} why that window")


def check_timeseries(connection, report_dir, what):
    for table, width in TICKS:
        connection.execute(
            f"""create or replace table wanted as
            with ticks as (select component, end_us // {width} as number, count(*) as count,
                count(*) filter (class = 'ok') as ok, count(*) filter (class = 'failed') as failed,
                count(*) filter (is_lookup and class = 'ok') as hits, count(*) filter (is_lookup and outcome = 'miss') as misses,
                avg(duration_ms) as mean_ms, max(duration_ms) as max_ms,
                -- Without as many of the fastest as failed.
                list(duration_ms order by duration_ms) filter (duration_ms is not null)
                    [1 + count(duration_ms) filter (class = 'failed') :] as left_ms
            from (select *, starts_with(component, 'cache_l') and outcome is not null and not {IS_UPKEEP} as is_lookup from calls)
            where finished group by all)
            select *, list_aggregate(left_ms, 'quantile_cont', 0.5) as p50_ms, list_aggregate(left_ms, 'quantile_cont', 0.95) as p95_ms
            from ticks"""
        )
        connection.execute(
            f"create or replace table found as select *, epoch_us(ts) // {width} as number from '{report_dir}/{table}.parquet'"
        )
        apart = lambda name: f"""(wanted.{name} is null) <> (found.{name} is null)
            or abs(wanted.{name} - found.{name}) > 1e-9 * wanted.{name}"""
        different = connection.execute(
            f"""select count(*) from wanted full join found using (component, number)
            where wanted.count is distinct from found.count or wanted.ok <> found.ok or wanted.failed <> found.failed
                or wanted.hits <> found.hits or wanted.misses <> found.misses
                or {apart('mean_ms')} or {apart('p50_ms')} or {apart('p95_ms')}
                or wanted.max_ms is distinct from found.max_ms or found.resolution_ms <> {width // 1000}"""
        ).fetchone()[0]
        same(different, 0, f"{what} rows of {table} that differ")
        twice = connection.execute("select count(*) - count(distinct (component, tick)) from found").fetchone()[0]
        same(twice, 0, f"{what} rows of {table} that are a second row of a component and tick")
    # Little's law: what is in flight over all seconds of a component is the time its calls took.
    for component, busy_ms, spread in connection.execute(
        """select component, sum(duration_ms) filter (finished), max(duration_ms) from calls group by component"""
    ).fetchall():
        if not busy_ms or spread >= 100:
            continue  # ticks in which nothing ends have no row, so only short calls add up
        in_flight = connection.execute(
            f"select sum(in_flight) * 1000 from '{report_dir}/timeseries.parquet' where component = ?", [component]
        ).fetchone()[0]
        if in_flight > busy_ms * 1.001 + 1:
            raise Mismatch(f"{what} {component}: more in flight ({in_flight} ms) than calls took ({busy_ms} ms)")


def check_errors(connection, table, sent, what):
    wanted = connection.execute(
        f"""with totals as (select component, count(*) as n from {sent} where finished group by component)
        select component, outcome, count(*), count(*) / any_value(n), min(epoch_us(ts)), max(epoch_us(ts))
        from {sent} join totals using (component) where class = 'failed' group by all order by all"""
    ).fetchall()
    found = sorted((row["component"], row["category"]) for row in table)
    same(found, [(row[0], row[1]) for row in wanted], f"{what} error categories")
    by_name = {(row["component"], row["category"]): row for row in table}
    for component, category, count, share, first, last in wanted:
        row = by_name[component, category]
        same(row["count"], count, f"{what} {component} {category}")
        close(row["share"], share, 1e-12, f"{what} {component} {category} share")
        same(round(row["first_ts"].timestamp() * 1e6), first, f"{what} {component} {category} first")
        same(round(row["last_ts"].timestamp() * 1e6), last, f"{what} {component} {category} last")


def check_cache(connection, report, what):
    rates = report["cmo_specific_analysis"]["cache_analysis"]["tier_performance"]
    for tier in ["l1", "l2", "l3"]:
        hits, misses = connection.execute(
            """select count(*) filter (outcome = 'hit'), count(*) filter (outcome = 'miss') from calls
            where component = ? and operation = 'get'""",
            [f"cache_{tier}"],
        ).fetchone()
        if hits + misses:
            close(rates[tier], hits / (hits + misses), 1e-12, f"{what} {tier} hit rate")


def check_time_spent(connection, report, what):
    spent = report["time_spent"]
    if spent is None:
        return
    close(sum(share["share"] for share in spent["shares"]), 1.0, 1e-9, f"{what} shares of the time")


def rows(path):
    return parquet.read_table(path).to_pylist()


def difference(one, other):
    if isinstance(one, dict):
        return {key: (one[key], other.get(key)) for key in one if one[key] != other.get(key)}
    return ""


def analyze(binary, run, out):
    subprocess.run([binary, "analyze", run, "--out", out, "--quiet", "--exit-zero"], check=True, env=ENVIRONMENT)
    folders = [folder for folder in Path(out).iterdir() if folder.is_dir()]
    return folders[0]


def check(binary, run, files, what):
    with tempfile.TemporaryDirectory() as out:
        report_dir = analyze(binary, run, out)
        report = json.loads((report_dir / "report.json").read_text())
        connection = open_run(files)
        percentiles = rows(report_dir / "percentiles.parquet")
        of_window = lambda name: [row for row in percentiles if row["window"] == name]
        check_whole(connection, report, what)
        check_percentiles(connection, of_window("whole"), f"{what} whole")
        check_timeseries(connection, report_dir, what)
        span, name = judged_window(connection, report, what), report["run"]["window"]["name"]
        look_at(connection, span)
        check_run_row(connection, report, rows(report_dir / "runs.parquet")[0], span, what)
        check_percentiles(connection, of_window(name), f"{what} {name}")
        windows = {(row["window"], row["judged"]) for row in percentiles}
        same(windows, {("whole", name == "whole"), (name, True)}, f"{what} windows of percentiles")
        check_windows(report_dir, report, what)
        check_judged_ticks(report_dir, span, what)
        sent = "calls" if name == "chosen" else "all_calls"
        check_errors(connection, rows(report_dir / "errors.parquet"), sent, what)
        check_cache(connection, report, what)
        check_time_spent(connection, report, what)
        return contents(report_dir)


def contents(report_dir):
    """What must not depend on how the rows lie in files: all bytes, but of `runs` without what says how they lie."""
    tables = {path.name: path.read_bytes() for path in report_dir.glob("*.parquet")}
    run = rows(report_dir / "runs.parquet")[0]
    tables["runs.parquet"] = {key: value for key, value in run.items() if key not in OF_THE_FILE}
    return tables


def shuffled_and_split(run, folder):
    """The same rows in another order, in one file and in three parts; metadata goes along."""
    table = parquet.read_table(run)
    metadata = {key: value for key, value in (parquet.read_metadata(run).metadata or {}).items() if key == b"cmo.run"}
    order = np.random.default_rng(7).permutation(table.num_rows)
    table = table.take(order).replace_schema_metadata(metadata)
    stem = Path(run).stem
    whole = Path(folder) / f"{stem}.parquet"
    parquet.write_table(table, whole, row_group_size=20_000)
    parts = Path(folder) / "split" / stem
    parts.mkdir(parents=True)
    third = table.num_rows // 3 + 1
    for index in range(3):
        parquet.write_table(table.slice(index * third, third), parts / f"part-{index}.parquet")
    return whole, parts


def main():
    binary, arguments = sys.argv[1], sys.argv[2:]
    runs = [
        path
        for argument in map(Path, arguments)
        for path in (sorted(argument.glob("*.parquet")) if argument.is_dir() else [argument])
    ]
    if not runs:
        sys.exit(f"no runs in {arguments}")
    failed = 0
    for run in runs:
        try:
            tables = check(binary, str(run), [run], run.name)
            with tempfile.TemporaryDirectory() as folder:
                whole, parts = shuffled_and_split(str(run), folder)
                for other, files in [(whole, [whole]), (parts, sorted(parts.iterdir()))]:
                    found = check(binary, str(other), files, f"{run.name} as {other.name}")
                    for name in tables:
                        is_same = found[name] == tables[name]
                        same(is_same, True, f"{run.name} as {other.name}: same contents of {name} {difference(found[name], tables[name])}")
            print(f"{run.name}: every number recomputed, also shuffled and split")
        except Mismatch as mismatch:
            failed += 1
            print(f"{run.name}: {mismatch}", file=sys.stderr)
    print(f"{len(runs) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
