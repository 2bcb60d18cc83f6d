# What one types here; `just` lists it.
default:
    @just --list

# The gate, as CI runs it.
ci:
    bash .ci/run

# All tests.
test:
    cargo test

# Format and lint.
lint:
    cargo fmt
    cargo clippy --all-targets -- -D warnings

# The main job on the shipped runs.
analyze:
    cargo run --release -- analyze data

# Save the shipped baseline anew (baselines/README.md says why these runs); the one before stays under baselines/history.
baseline:
    cargo run --release -- baseline save load_10 load_25 load_50 load_50_b load_50_c load_75 load_100 --name testbed --replace

# Write the sample report anew (reports/README.md); its time is fixed, so that the same program makes the same bytes.
sample:
    cargo run --release -- simulate healthy --users 10 --force --out reports/healthy.parquet && SOURCE_DATE_EPOCH=1795996800 cargo run --release -- analyze reports/healthy.parquet --out reports/sample

# Keep every byte that the program writes, before code is moved (needs Python) …
freeze *options:
    cargo build --release
    python3 tests/python/freeze.py keep {{options}}

# … and list afterwards what differs.
freeze-check *options:
    cargo build --release
    python3 tests/python/freeze.py check {{options}}

# False alarms and power of the verdicts, over simulated runs, as docs/METHODOLOGY.md shows them (about a quarter of an hour).
calibrate:
    cargo run --release --example calibration -- window --pairs 10
    cargo run --release --example calibration -- gate

# Record the shipped runs anew (about 50 minutes; needs Python and redis-server).
record:
    cargo build --release
    examples/testbed/record_all.sh

# Accept changed snapshots of reports after looking at them (needs cargo-insta).
review:
    cargo insta review

# `compare` beside DuckDB and mere decoding (about ten minutes; needs Python).
bench:
    python3 -m venv target/bench-python
    target/bench-python/bin/python -m pip install --quiet -r benches/requirements.txt
    target/bench-python/bin/python benches/compare.py

# Look for inputs that break the readers, a minute each (needs nightly Rust and cargo-fuzz).
fuzz seconds="60":
    cargo build --release
    fuzz/make-corpora target/release/cmo-metrics
    for target in run_file rows metadata events config baseline; do cargo +nightly fuzz run "$target" -- -max_total_time={{seconds}} -rss_limit_mb=4096 || exit 1; done
