#!/usr/bin/env bash
# The whole suite on plain PostgreSQL (from its wheel), then what touches the database again on TimescaleDB:
# the server that HOMEROOM_TEST_DATABASE_URL names, or the provisioned root. Arguments go to both runs of pytest.
# Ends non-zero when either run fails, and says last which engines were used.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly BIN=.venv/bin
readonly NAMED=${HOMEROOM_TEST_DATABASE_URL:-}
unset HOMEROOM_TEST_DATABASE_URL
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
summary=()
result=0

banner() { printf '\n######## %s\n\n' "$*"; }

run_suite() { # <name of the engine> <pytest argument>...
    local name=$1 log="$logs/run"
    shift
    banner "ENGINE: $name"
    "$BIN/python" -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder "$@" 2>&1 </dev/null | tee "$log"
    [[ ${PIPESTATUS[0]} -eq 0 ]] || result=1
    local closing
    closing=$(sed -E 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '(passed|failed|error|skipped|no tests ran).* in [0-9.]+s' | tail -n 1)
    summary+=("$name: ${closing:-NO RESULT, see above}")
}

HOMEROOM_TEST_ENGINE=embedded run_suite "plain PostgreSQL (embedded wheel)" "$@"
if [[ -n $NAMED ]]; then
    HOMEROOM_TEST_DATABASE_URL=$NAMED run_suite "the server of HOMEROOM_TEST_DATABASE_URL" -m database "$@"
elif "$BIN/python" -c 'from ops.tools.timescale import timescale_is_provisioned as ok; raise SystemExit(not ok())'; then
    HOMEROOM_TEST_ENGINE=timescale run_suite "TimescaleDB (provisioned root)" -m database "$@"
else
    summary+=("TimescaleDB: NOT TESTED. Run make tools as root on Debian, or set HOMEROOM_TEST_DATABASE_URL")
fi
banner "ENGINES USED"
printf '%s\n' "${summary[@]}"
exit $result
