"""The folder of `compare`, read by others: four readers see the same rows in each table, the rows of a run are those that
`analyze` writes, and the ranking follows its definition (docs/METHODOLOGY.md, "Runs side by side").

usage: comparison.py CMO_METRICS DATA
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq


def rows(frame):
    """Every row as text, sorted: what differs between readers is how they hold it."""
    frame = frame.copy()
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        if pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").astype("int64")
        # Counts with nulls are floats in pandas and integers elsewhere.
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            column = column.astype("float64")
        frame[name] = column.astype(object).where(column.notna(), None).map(str)
    return frame.sort_values(list(frame.columns)).reset_index(drop=True)


def check_readers(path):
    wanted = rows(pd.read_parquet(path))
    others = {
        "pyarrow": pq.read_table(path).to_pandas(),
        "Polars": pl.read_parquet(path).to_pandas(),
        "DuckDB": duckdb.sql(f"select * from '{path}'").df(),
    }
    for name, other in others.items():
        pd.testing.assert_frame_equal(wanted, rows(other), check_dtype=False, obj=f"{path.name} by {name}")
    return len(wanted)


def check_ranking(folder):
    ranked = pd.read_parquet(folder / "comparison.parquet").sort_values("overall_rank")
    keys = [(-row.grade_score, row.p95_ms, -row.success_rate, row.run_id) for row in ranked.itertuples()]
    assert keys == sorted(keys), "the ranking is by score, P95, success and id"
    for name, group in ranked.groupby("group", observed=True):
        assert list(group["rank"]) == list(range(1, len(group) + 1)), name
        fewest = group[group.users == group.users.min()]
        for row in group.itertuples():
            change = row.mean_ms / fewest.mean_ms.mean() - 1
            assert abs(change - row.mean_change) < 1e-12, row.run_id


def main():
    binary, data = str(Path(sys.argv[1]).resolve()), str(Path(sys.argv[2]).resolve())
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        subprocess.run([binary, "compare", data, "--out", "many", "--quiet"], cwd=root, check=True)
        subprocess.run([binary, "analyze", data, "--out", "each", "--quiet"], cwd=root, check=True)
        total = sum(check_readers(path) for path in sorted((root / "many").glob("*.parquet")))
        check_ranking(root / "many")
        for run in sorted((root / "each").iterdir()):
            for path in sorted(run.glob("*.parquet")):
                many = pd.read_parquet(root / "many" / path.name)
                mine = many[many.run_id.astype(object) == run.name]
                pd.testing.assert_frame_equal(rows(mine), rows(pd.read_parquet(path)), obj=str(path))
        print(f"four readers agree on {total} rows of the comparison, which are those of each run")


if __name__ == "__main__":
    main()
