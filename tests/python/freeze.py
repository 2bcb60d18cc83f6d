"""Keeps what the program writes, byte for byte, and later says what has changed.

    python tests/python/freeze.py keep  [--bin PROGRAM] [--store FOLDER]
    python tests/python/freeze.py check [--bin PROGRAM] [--store FOLDER]

`keep` runs the program on the shipped runs and on a run of each simulated scenario: reports in every format, tables,
baselines, comparisons, the terminal's text and exit codes. `check` does the same again and lists each file that differs,
with its first different line. Both print CPU time and peak memory, so that moved code shows what it costs.
A commit that only moves code leaves nothing to list; one that changes behaviour says what it changes.
Standard library only.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Wrong usage (2) is none of them: a call that no longer exists would keep nothing, unnoticed.
ENDS = {0: "clean", 1: "unexpected", 3: "could not judge", 99: "gate failed"}


class Bench:
    """Runs the program in a folder and keeps what it prints beside what it writes."""

    def __init__(self, program, folder):
        self.program, self.folder = str(pathlib.Path(program).resolve()), folder
        self.cpu_s, self.peak_mb = 0.0, 0.0
        self.environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "NO_COLOR": "1", "COLUMNS": "100"}

    def run(self, name, *arguments):
        out, err = self.folder / f"{name}.out", self.folder / f"{name}.err"
        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            child = subprocess.Popen([self.program, *arguments], cwd=self.folder, stdout=stdout, stderr=stderr,
                                     env=self.environment)
            _, status, used = os.wait4(child.pid, 0)
        # What a log says of progress after 10 s depends on the machine.
        err.write_bytes(re.sub(rb"(?m)^\w+: \d+ of \d+ runs.*\n", b"", err.read_bytes()))
        child.returncode = code = os.waitstatus_to_exitcode(status)
        (self.folder / f"{name}.exit").write_text(f"{code} {ENDS.get(code, '?')}\n")
        self.cpu_s += used.ru_utime + used.ru_stime
        self.peak_mb = max(self.peak_mb, used.ru_maxrss / 1024)
        if code not in ENDS:
            sys.exit(f"`{' '.join(arguments)}` ended with {code}: see {err}")


def scenarios(bench):
    """The names that `simulate` knows, from its own words."""
    said = subprocess.run([bench.program, "simulate", "no-such-scenario"], capture_output=True, text=True)
    listed = said.stderr.split("possible values:")[-1].split("]")[0]
    return [name.strip() for name in listed.replace("\n", " ").split(",")]


def work(bench):
    """Everything that is kept."""
    shutil.copytree(ROOT / "data", bench.folder / "data")
    shipped = sorted(str(path.relative_to(bench.folder)) for path in (bench.folder / "data").glob("*.parquet"))
    (bench.folder / "simulated").mkdir()
    names = scenarios(bench)
    for name in names:
        bench.run(f"simulate-{name}", "simulate", name, "--duration", "120", "--users", "20", "--seed", "1",
                  "--out", f"simulated/{name}.parquet")
    for folder in ("data", "simulated"):
        bench.run(f"analyze-{folder}", "analyze", folder, "--out", f"reports-{folder}")
        for form in ("markdown", "json"):
            bench.run(f"analyze-{folder}-{form}", "analyze", folder, "--out", f"reports-{folder}", "--format", form)
        bench.run(f"compare-{folder}", "compare", folder, "--out", f"compared-{folder}")
        for form in ("markdown", "json"):
            bench.run(f"compare-{folder}-{form}", "compare", folder, "--out", f"compared-{folder}", "--format", form)
    one = next(path for path in shipped if path.endswith("load_50.parquet"))
    bench.run("analyze-one", "analyze", one, "--out", "reports-one")
    bench.run("save-one", "baseline", "save", one, "--name", "one")
    bench.run("save-all", "baseline", "save", *shipped, "--name", "all")
    bench.run("save-simulated", "baseline", "save", "simulated/healthy.parquet", "--name", "simulated")
    bench.run("show-all", "baseline", "show", "all")
    bench.run("gate-one", "analyze", one, "--baseline", "one", "--out", "gated-one")
    bench.run("gate-data", "compare", "data", "--baseline", "all", "--out", "gated-data")
    bench.run("gate-markdown", "compare", "data", "--baseline", "all", "--out", "gated-data", "--format", "markdown")
    for name in names:
        bench.run(f"gate-{name}", "analyze", f"simulated/{name}.parquet", "--baseline", "simulated", "--out", "gated-simulated")
    return names


def contents(folder):
    """Every file below a folder, but for the shipped runs, which nobody makes here."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.parent != folder / "data"}


def first_difference(old, new):
    """Where two files part, for a reader."""
    for number, (a, b) in enumerate(zip(old.splitlines(), new.splitlines()), 1):
        if a != b:
            try:
                return f"line {number}: {a.decode()[:120]!r} was, {b.decode()[:120]!r} is"
            except UnicodeDecodeError:
                return f"{len(old):,} bytes were, {len(new):,} are"
    return f"{len(old.splitlines())} lines were, {len(new.splitlines())} are"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["keep", "check"])
    parser.add_argument("--bin", default=ROOT / "target/release/cmo-metrics", type=pathlib.Path)
    parser.add_argument("--store", default=ROOT / "target/frozen", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(args.bin, pathlib.Path(temporary))
        names = work(bench)
        new = contents(bench.folder)
        cost = {"cpu_s": round(bench.cpu_s, 2), "peak_mb": round(bench.peak_mb, 1)}
        print(f"{len(names)} scenarios and the shipped runs: {len(new)} files, {cost['cpu_s']} s of CPU, peak {cost['peak_mb']} MB")
        if args.do == "keep":
            shutil.rmtree(args.store, ignore_errors=True)
            for name, bytes_ in new.items():
                path = args.store / "files" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(bytes_)
            (args.store / "cost.json").write_text(json.dumps(cost))
            return
    if not args.store.exists():
        sys.exit(f"nothing is kept in {args.store}: run `keep` with the program of before first")
    before = json.loads((args.store / "cost.json").read_text())
    print(f"before: {before['cpu_s']} s of CPU, peak {before['peak_mb']} MB")
    old = contents(args.store / "files")
    changed = 0
    for name in sorted(old.keys() | new.keys()):
        if name not in new or name not in old:
            changed += 1
            print(f"{'only before' if name in old else 'new'}: {name}")
        elif old[name] != new[name]:
            changed += 1
            print(f"differs: {name}: {first_difference(old[name], new[name])}")
    print(f"{len(old.keys() & new.keys()) - sum(1 for n in old.keys() & new.keys() if old[n] != new[n])} passed, {changed} failed")
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
