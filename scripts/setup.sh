#!/usr/bin/env bash
# Makes everything a target needs, on a bare Debian 12 with python3 and make: `setup.sh run` or `setup.sh test`.
# Shows each step, does nothing twice: every step leaves a stamp that names what it was made from.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}
UV_VERSION=0.13.9
mkdir -p .setup

say() { printf '\033[1m· %s\033[0m\n' "$*" >&2; }
fail() { printf '\033[31m%s\033[0m\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
    else return 1
    fi
}

apt_install() { # WORDS LOG PACKAGE...
    say "$1: ${*:3}"
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-unsafe-io "${@:3}" \
        </dev/null >"$2" 2>&1; then
        tail -5 "$2" >&2 || true
        fail "These packages are missing: ${*:3}. Install them as root ('apt-get install ${*:3}') and start again."
    fi
}

apt_update() {
    as_root apt-get update -qq -o Acquire::Retries=3 -o Acquire::Languages=none >.setup/apt.log 2>&1 || true
}

# 1. System packages: those that the installer needs at once, those that the tests start beside everything else.
first=()
programs=()
[ -x .setup/tools/bin/uv ] || python3 -c 'import ensurepip, venv' 2>/dev/null || first+=(python3-venv)
if [ "$what" = test ]; then
    command -v ffmpeg >/dev/null || programs+=(ffmpeg)
    command -v chromium >/dev/null || programs+=(chromium)
    command -v firefox-esr >/dev/null || programs+=(firefox-esr)
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || programs+=(postgresql)
    command -v ip >/dev/null || programs+=(iproute2)
    command -v turnserver >/dev/null || programs+=(coturn)
    command -v openssl >/dev/null || programs+=(openssl)
    [ -d /usr/share/fonts/truetype/noto ] || programs+=(fonts-noto-core)
    ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || programs+=(libatomic1) # Playwright's Node needs it
fi
installing=
if [ ${#first[@]} -gt 0 ] || [ ${#programs[@]} -gt 0 ]; then
    apt_update
    [ ${#first[@]} = 0 ] || apt_install "Installing" .setup/apt.log "${first[@]}"
    if [ ${#programs[@]} -gt 0 ]; then
        apt_install "Installing meanwhile" .setup/apt-programs.log "${programs[@]}" &
        installing=$!
        trap 'wait' EXIT # a package manager is never left in the middle
    fi
fi

# 2. uv, in an environment of its own.
if [ "$(cat .setup/uv.stamp 2>/dev/null)" != "$UV_VERSION" ] || ! .setup/tools/bin/uv --version >/dev/null 2>&1; then
    say "Preparing the installer"
    rm -rf .setup/tools
    python3 -m venv .setup/tools
    .setup/tools/bin/pip install -q --disable-pip-version-check "uv==$UV_VERSION"
    echo "$UV_VERSION" >.setup/uv.stamp
fi

# 3. Python libraries, exactly those of uv.lock. The system's own Python before another on the path: a distribution
# builds it with profiles of its use (PGO), which one built by hand mostly lacks; the pure tests take 15% less time.
python=/usr/bin/python3
"$python" -c 'import ctypes, sqlite3, ssl, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || python=python3
extras=(--extra sherpa)
if [ "$what" != test ] && ! command -v ffmpeg >/dev/null; then extras+=(--extra ffmpeg); fi
stamp="$(cat pyproject.toml uv.lock web/hatch_build.py package-lock.json 2>/dev/null | sha256sum | cut -c1-64) ${extras[*]} $python"
if [ "$(cat .setup/python.stamp 2>/dev/null)" != "$stamp" ] || [ ! -x .venv/bin/python ]; then
    say "Installing the Python libraries and building the browser libraries"
    # Compiled at once: every process of the product then starts in half the time, whatever its surroundings forbid.
    .setup/tools/bin/uv sync --locked --quiet --compile-bytecode --python "$python" "${extras[@]}"
    echo "$stamp" >.setup/python.stamp
fi

# 4. Browser libraries, exactly those of package-lock.json (the build of step 3 filled them, unless they were removed).
[ -e web/static/vendor/.filled ] || .venv/bin/python -m web.vendor_build

# 5. The programs of step 1 are there.
if [ -n "$installing" ] && ! wait "$installing"; then exit 1; fi
