#!/bin/sh
# Makes this checkout runnable on a Debian-family machine: system packages, a private venv, pinned wheels.
# Safe to run again; when nothing changed it ends at once. Usage: packaging/bootstrap.sh [run|dev]
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
case $kind in
    run) lock=packaging/requirements.lock; system=packaging/apt-packages.txt ;;
    dev) lock=packaging/requirements-dev.lock; system="packaging/apt-packages.txt packaging/apt-packages-dev.txt" ;;
    *) echo "usage: packaging/bootstrap.sh [run|dev]" >&2; exit 2 ;;
esac
venv=${ONETRIP_VENV:-.venv}
stamp=$venv/.onetrip-$kind
say() { printf '\033[1m[set-up]\033[0m %s\n' "$*" >&2; }

# One fingerprint over everything that decides what is installed, so that a second run costs milliseconds.
# shellcheck disable=SC2086
want=$(cat $system "$lock" pyproject.toml packaging/bootstrap.sh | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
    while read -r line; do
        case $line in ''|'#'*) continue ;; esac
        found=no; choice=""
        for name in $(echo "$line" | tr '|' ' '); do
            if dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed; then found=yes; break; fi
            choice="$choice $name"
        done
        [ $found = yes ] || missing="$missing $(echo "$choice" | tr ' ' '|')"
    done <<LIST
$(cat $system)
LIST
else
    say "This is not a Debian-family system: install the packages named in packaging/apt-packages.txt by hand."
fi
if [ -n "$missing" ]; then
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null 2>&1; then sudo=sudo; else
            say "System packages are missing, and neither root nor sudo is available. Ask an administrator to install:"
            say "  $(echo "$missing" | tr '|' '/')"
            exit 1
        fi
    fi
    say "system packages: refreshing the package list"
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
    names=""
    for line in $missing; do
        chosen=""
        for name in $(echo "$line" | tr '|' ' '); do
            if apt-cache show "$name" >/dev/null 2>&1; then chosen=$name; break; fi
        done
        if [ -z "$chosen" ]; then say "No package named $line in this system's package lists; enable the main repository."; exit 1; fi
        names="$names $chosen"
    done
    say "system packages: installing$names"
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $names >&2
fi

# The system's own Python, where it is new enough: kiosks have that one, and it is the faster build.
python=${PYTHON:-/usr/bin/python3}
if [ -z "${PYTHON:-}" ] && ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=python3; fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Python 3.11 or newer is needed; $("$python" --version 2>&1) was found. Set PYTHON=/path/to/python3.11."
    exit 1
fi
if ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    say "private Python environment: $venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
say "Python packages: $(grep -c '==' "$lock") pinned wheels, checked by hash (some minutes the first time)"
"$venv/bin/python" -m pip install --disable-pip-version-check --no-compile --require-hashes --progress-bar off -q -r "$lock" >&2
"$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation -q -e . >&2
say "compiling bytecode"
# Start-up time depends on it, and pip leaves it out where PYTHONDONTWRITEBYTECODE is set.
env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" kiosk drivers ui config >/dev/null 2>&1 || say "some third-party files do not compile; that is harmless"
echo "$want" > "$stamp"
if [ "$kind" = dev ]; then
    cat packaging/apt-packages.txt packaging/requirements.lock pyproject.toml packaging/bootstrap.sh | sha256sum | cut -d' ' -f1 > "$venv/.onetrip-run"
fi
say "ready"
