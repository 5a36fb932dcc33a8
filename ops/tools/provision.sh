#!/usr/bin/env bash
# Provision what the tests need beyond Python: packages, a TimescaleDB root, the npm client.
# Debian as root only; elsewhere it says what is skipped and leaves in peace. A second run takes about a second.
# Ends non-zero when something it should have provided is missing, with the list.
set -uo pipefail

readonly PACKAGES=(nginx clamav-daemon chromium debootstrap)
readonly RELEASE=trixie
readonly MIRROR=${HOMEROOM_DEBIAN_MIRROR:-http://deb.debian.org/debian}
readonly ROOT=${HOMEROOM_TIMESCALE_ROOT:-/var/cache/homeroom/timescale-root}
readonly LOG=/var/log/homeroom-provision.log
readonly CLIENT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../tests/client" && pwd)"
export DEBIAN_FRONTEND=noninteractive
missing=()

say() { printf 'tools: %s\n' "$*"; }

give_up_on() {
    missing+=("$1")
    say "UNAVAILABLE: $1 (see $LOG)"
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Installed daemons must not start by themselves on a developer's machine; tests start their own.
without_starting_services() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then "$@"; return; fi
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    "$@"
    local code=$?
    rm -f "$policy"
    return $code
}

install_packages() {
    local wanted=() package
    command -v node >/dev/null && command -v npm >/dev/null || wanted+=(nodejs npm)
    for package in "${PACKAGES[@]}"; do is_installed "$package" || wanted+=("$package"); done
    if [[ ${#wanted[@]} -gt 0 ]]; then
        say "installing ${wanted[*]}"
        apt-get -q update >>"$LOG" 2>&1 </dev/null || say "apt-get update complained; going on with the lists we have"
        # One by one: a package that cannot be had must not cost the others.
        for package in "${wanted[@]}"; do
            without_starting_services apt-get -qy install --no-install-recommends "$package" >>"$LOG" 2>&1 </dev/null ||
                give_up_on "$package"
        done
    fi
    say "packages: ${PACKAGES[*]}"
}

# Debian 13 packages TimescaleDB (Apache edition); older releases do not, so it lives in its own root.
build_timescale_root() {
    local partial=$1
    rm -rf "$partial" && mkdir -p "$partial" || return
    debootstrap --variant=minbase "$RELEASE" "$partial" "$MIRROR" || return
    printf '#!/bin/sh\nexit 101\n' >"$partial/usr/sbin/policy-rc.d" && chmod +x "$partial/usr/sbin/policy-rc.d" || return
    mkdir -p "$partial/etc/postgresql-common/createcluster.d" || return
    echo 'create_main_cluster = false' >"$partial/etc/postgresql-common/createcluster.d/homeroom.conf" || return
    chroot "$partial" apt-get -qy update || return
    chroot "$partial" apt-get -qy install --no-install-recommends postgresql-17 postgresql-17-timescaledb || return
    chroot "$partial" apt-get clean
}

provide_timescale() {
    if [[ ! -x $ROOT/usr/lib/postgresql/17/bin/postgres ]]; then
        say "building a TimescaleDB root in $ROOT (about a minute)"
        if build_timescale_root "$ROOT.partial" >>"$LOG" 2>&1 </dev/null && rm -rf "$ROOT" && mv "$ROOT.partial" "$ROOT"; then
            say "TimescaleDB root built"
        else
            give_up_on "TimescaleDB root"
            return
        fi
    fi
    say "TimescaleDB root: $ROOT"
}

provide_npm_client() {
    if [[ ! -d $CLIENT/node_modules/socket.io-client || $CLIENT/package-lock.json -nt $CLIENT/node_modules ]]; then
        say "installing the npm client"
        (cd "$CLIENT" && npm ci --no-audit --no-fund && touch node_modules) >>"$LOG" 2>&1 </dev/null ||
            { give_up_on "npm client"; return; }
    fi
    say "npm client: $CLIENT/node_modules"
}

if [[ ! -e /etc/debian_version || $(id -u) -ne 0 ]]; then
    say "SKIPPED: not root on Debian. Tests that need nginx, clamd, Chromium or TimescaleDB will skip and say so;"
    say "a TimescaleDB of your own serves them too: HOMEROOM_TEST_DATABASE_URL=postgresql://..."
    exit 0
fi
: >"$LOG"
install_packages
provide_timescale
provide_npm_client
if [[ ${#missing[@]} -gt 0 ]]; then
    say "INCOMPLETE, without: ${missing[*]}. The end of $LOG:"
    tail -n 15 "$LOG"
    exit 1
fi
say "everything is here"
