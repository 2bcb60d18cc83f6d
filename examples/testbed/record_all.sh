#!/bin/sh
# Records the nine runs of data/: seven levels of load, 50 users three times.
# About 50 minutes. Nothing else should run on the machine meanwhile.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
recorder=${CMO_METRICS:-$root/target/release/cmo-metrics}
out=${OUT:-$root/data}

record() { # id, users, seconds, repetition
    if [ -e "$out/$1.parquet" ]; then
        echo "$1: already there, left alone" >&2
        return
    fi
    echo "$1: $2 users, $3 s" >&2
    "$recorder" record --name "$1" --users "$2" --tag "rep=$4" --out "$out/$1.parquet" -- \
        "$here/run.sh" --users "$2" --duration "$3" --seed 1
    # Sockets of the last run leave TIME_WAIT, caches of the machine settle.
    sleep 10
}

mkdir -p "$out"
# 10 users need longer for 5 000 requests.
record load_10 10 480 1
record load_25 25 300 1
record load_50 50 300 1
record load_50_b 50 300 2
record load_50_c 50 300 3
record load_75 75 300 1
record load_100 100 300 1
record load_150 150 300 1
record load_200 200 300 1
