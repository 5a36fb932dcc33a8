#!/usr/bin/env bash
# Install uv into a folder of its own with nothing but python3: bootstrap_uv.sh <folder>
set -euo pipefail
folder=$1
readonly REQUIREMENT='uv>=0.9,<1'

fail() {
    rm -rf "$folder"
    echo "cannot install uv by itself here: $1" >&2
    echo "install it in any way you like (https://docs.astral.sh/uv/) and run make again" >&2
    exit 1
}

command -v python3 >/dev/null || fail "there is no python3"
echo "installing uv into $folder"
if python3 -m venv "$folder" 2>/dev/null; then
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$REQUIREMENT" || fail "pip could not fetch it"
    exit 0
fi
# Debian without python3-venv: a virtual environment without pip of its own, filled by the system's pip
rm -rf "$folder"
python3 -m venv --without-pip "$folder" || fail "python3 -m venv does not work"
python3 -m pip --python "$folder/bin/python" install --quiet --disable-pip-version-check "$REQUIREMENT" ||
    fail "python3 has neither ensurepip nor pip (on Debian: apt install python3-venv)"
