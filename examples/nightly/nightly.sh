#!/bin/sh
# One nightly job: judges all runs, keeps summary and log by date, and sends mail when the result is not clean.
# Run it in the folder that holds `data` and `baselines`. It ends with the exit code of cmo-metrics; 75 when the job
# of the night before is still at work.
set -u

runs=${CMO_RUNS:-data}
baseline=${CMO_BASELINE:-production}
logs=${CMO_LOGS:-logs}
mail_to=${CMO_MAIL_TO:-}
mailer=${CMO_MAILER:-mail}

mkdir -p "$logs" || exit 1
# The lock goes with the process, however it ends.
exec 9>"$logs/nightly.lock" || exit 1
if ! flock -n 9; then
    echo "nightly: the job before this one is still at work" >&2
    exit 75
fi

name=$logs/$(date -u +%Y-%m-%dT%H%M%SZ)
cmo-metrics compare "$runs" --baseline "$baseline" --format markdown >"$name.md" 2>"$name.log" 9>&- &
job=$!
# Whoever ends this script ends the job, which clears up first.
trap 'kill -TERM "$job" 2>/dev/null' INT TERM
wait "$job"
code=$?
# A signal ends the waiting, not yet the job.
while kill -0 "$job" 2>/dev/null; do
    wait "$job"
    code=$?
done

case $code in
    0) exit 0 ;;
    3) subject="some runs could not be judged" ;;
    99) subject="GATE FAILED" ;;
    130 | 143) subject="interrupted" ;;
    *) subject="error $code" ;;
esac
if [ -n "$mail_to" ]; then
    cat "$name.md" "$name.log" | "$mailer" -s "cmo-metrics nightly: $subject" "$mail_to"
else
    # cron sends what is printed to the owner of the crontab.
    echo "cmo-metrics nightly: $subject"
    cat "$name.md" "$name.log"
fi
exit "$code"
