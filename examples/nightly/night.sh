#!/usr/bin/env bash
# One night of a CI job: gets the runs, judges them, repeats once what could not be judged, keeps one comment up to date.
# Run it at the root of the checkout. It ends with the exit code of cmo-metrics: 0, 3 (could not judge: a warning), 99 (the
# gate failed), 1 and 2 (errors). A comment that cannot be written changes nothing about that.
set -euo pipefail

program=${CMO_PROGRAM:-bin/cmo-metrics}
# Folder with the run files of tonight, and the command that puts them there; empty: they are there.
runs=${CMO_RUNS:-runs}
fetch=${CMO_FETCH:-}
# Command that adds a repeat to that folder, by running the load test once more or by fetching one; empty: there is none.
repeat=${CMO_REPEAT:-}
baseline=${CMO_BASELINE:-production}
# `true`: tonight's runs become the baseline where there is none. Never by itself: a store that was lost must not turn
# tonight's build into the measure.
save_baseline=${CMO_SAVE_BASELINE:-false}
# What is printed: `github` for annotations, else `markdown` or `text`.
format=${CMO_FORMAT:-markdown}
# Number of the issue (of GitHub also of the pull request) whose comment is kept up to date; empty: none.
issue=${CMO_ISSUE:-}
# More options of `compare`, such as --no-history for a branch that is no night.
read -ra options <<<"${CMO_OPTIONS:-}"

baselines=baselines
# What the job leaves: the comparison, junit.xml, comment.md.
night=night
# At the end of each comparison in Markdown; a comment that quotes one has more behind it.
tag='<!-- cmo-metrics comparison -->'
mine=".body | test(\"$tag\\\\s*\$\")"

say() { echo "night: $*" >&2; }

# Nothing of the night before may be taken for tonight's.
prepare() {
    mkdir -p "$night" "$runs" "$baselines"
    rm -rf -- "$night/comparison" "$night/junit.xml" "$night/comment.md" "$night/printed"
    # A baseline that is in the repository is the one that was reviewed, whatever was stored.
    if [ "${CI:-}" = true ]; then
        git checkout --quiet -- "$baselines" 2>/dev/null || true
    fi
}

has_baseline() { [ -e "$baselines/$baseline.json" ]; }

get_runs() {
    [ -z "$fetch" ] || bash -c "$fetch" || say "the runs could not be fetched"
}

save_first_baseline() {
    if [ "$save_baseline" = true ] && ! has_baseline; then
        "$program" baseline save "$runs" --name "$baseline" --baselines "$baselines" || say "no baseline was saved"
    fi
}

# Sets `code`. What is printed waits for the end: a repeat may know better.
judge() {
    code=0
    "$program" compare "$runs" --baseline "$baseline" --baselines "$baselines" --format "$format" \
        --export-junit "$night/junit.xml" --out "$night/comparison" "${options[@]}" >"$night/printed" || code=$?
}

# Without a baseline a repeat would tell no more.
repeat_once() {
    if [ "$code" -ne 3 ] || [ -z "$repeat" ] || ! has_baseline; then
        return
    fi
    say "could not judge: one repeat, judged together with the first"
    if bash -c "$repeat"; then
        judge
    else
        say "the repeat failed"
    fi
}

write_comment() {
    if [ -e "$night/comparison/comparison.md" ]; then
        cp "$night/comparison/comparison.md" "$night/comment.md"
    else
        printf '**cmo-metrics ended with %s and wrote no comparison**: see the log of the job\n\n%s\n' "$code" "$tag" \
            >"$night/comment.md"
    fi
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        cat "$night/comment.md" >>"$GITHUB_STEP_SUMMARY"
    fi
}

# Where comments cannot be listed none is written: there would be two.
comment_on_github() {
    local issues=repos/$GITHUB_REPOSITORY/issues known
    known=$(gh api --paginate "$issues/$issue/comments?per_page=100" --jq ".[] | select($mine) | .id") || return 1
    known=${known%%$'\n'*}
    if [ -n "$known" ]; then
        gh api --silent --method PATCH "$issues/comments/$known" --field "body=@$night/comment.md"
    else
        gh api --silent --method POST "$issues/$issue/comments" --field "body=@$night/comment.md"
    fi
}

gitlab() {
    curl --fail --silent --show-error --header "PRIVATE-TOKEN: $CMO_TOKEN" "$@"
}

comment_on_gitlab() {
    local notes=$CI_API_V4_URL/projects/$CI_PROJECT_ID/$1/notes page=1 found known=
    while [ -z "$known" ]; do
        found=$(gitlab "$notes?per_page=100&page=$page") || return 1
        known=$(jq -r "[.[] | select($mine) | .id] | first // empty" <<<"$found") || return 1
        [ "$(jq length <<<"$found")" -eq 100 ] || break
        page=$((page + 1))
    done
    local body=(--data-urlencode "body@$night/comment.md" --output /dev/null)
    if [ -n "$known" ]; then
        gitlab --request PUT "${body[@]}" "$notes/$known"
    else
        gitlab --request POST "${body[@]}" "$notes"
    fi
}

comment() {
    if [ -n "${GITHUB_ACTIONS:-}" ] && [ -n "$issue" ]; then
        comment_on_github
    elif [ -n "${CMO_TOKEN:-}" ] && [ -n "${CI_MERGE_REQUEST_IID:-}" ]; then
        comment_on_gitlab "merge_requests/$CI_MERGE_REQUEST_IID"
    elif [ -n "${CMO_TOKEN:-}" ] && [ -n "$issue" ]; then
        comment_on_gitlab "issues/$issue"
    else
        say "no comment was asked for"
    fi
}

prepare
get_runs
save_first_baseline
judge
repeat_once
write_comment
comment || say "the comment could not be written"
cat "$night/printed"
exit "$code"
