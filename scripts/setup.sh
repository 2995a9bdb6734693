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

apt_install() {
    say "Installing system packages: $*"
    local log=.setup/apt.log
    if ! { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -5 "$log" >&2 || true
        fail "These packages are missing: $*. Install them as root ('apt-get install $*') and start again."
    fi
}

# 1. uv, in an environment of its own.
if [ "$(cat .setup/uv.stamp 2>/dev/null)" != "$UV_VERSION" ] || ! .setup/tools/bin/uv --version >/dev/null 2>&1; then
    say "Preparing the installer"
    rm -rf .setup/tools
    if ! python3 -m venv .setup/tools >/dev/null 2>&1; then
        rm -rf .setup/tools
        apt_install python3-venv
        python3 -m venv .setup/tools
    fi
    .setup/tools/bin/pip install -q --disable-pip-version-check "uv==$UV_VERSION"
    echo "$UV_VERSION" >.setup/uv.stamp
fi

# 2. System packages that the tests start.
if [ "$what" = test ]; then
    missing=()
    command -v ffmpeg >/dev/null || missing+=(ffmpeg)
    command -v chromium >/dev/null || missing+=(chromium)
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
    command -v ip >/dev/null || missing+=(iproute2)
    command -v openssl >/dev/null || missing+=(openssl)
    [ -d /usr/share/fonts/truetype/noto ] || missing+=(fonts-noto-core)
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
fi

# 3. Python libraries, exactly those of uv.lock.
extras=(--extra sherpa)
if ! command -v ffmpeg >/dev/null; then extras+=(--extra ffmpeg); fi
stamp="$(cat pyproject.toml uv.lock web/hatch_build.py package-lock.json 2>/dev/null | sha256sum | cut -c1-64) ${extras[*]}"
if [ "$(cat .setup/python.stamp 2>/dev/null)" != "$stamp" ] || [ ! -x .venv/bin/python ]; then
    say "Installing the Python libraries and building the browser libraries"
    .setup/tools/bin/uv sync --locked --quiet --python python3 "${extras[@]}"
    echo "$stamp" >.setup/python.stamp
fi

# 4. Browser libraries, exactly those of package-lock.json (the build of step 3 filled them, unless they were removed).
[ -e web/static/vendor/.filled ] || .venv/bin/python -m web.vendor_build
