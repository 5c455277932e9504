#!/bin/sh
# Sets up what a command needs, and says what is missing where it can't.
#
#   setup.sh venv local|dev     a virtual environment in .venv with the locked requirements of that set
#   setup.sh apart SET          one in build/SET, for a program whose requirements must not meet ours
#   setup.sh npm SET            npm packages in build/SET-npm, by the versions and hashes of requirements/SET-npm.json
#   setup.sh engine             whisper.cpp compiled for this machine's Python, every CPU level, and put into .venv in place of the wheel's
#   setup.sh engines            the engines that `make bench-engine` compares, each in a folder of build/bench or build/peers
#   setup.sh spoken             prompts that people spoke, with their texts, and sounds without speech: Debian packages
#   setup.sh hearing            what `make hear` compares: prompts and sounds, faster-whisper, and whisper.cpp as the package index has it
#   setup.sh terraform          says whether the command is there, and new enough for `terraform test` of terraform/tests
#   setup.sh debian PACKAGE…    Debian packages, installed where root allows
set -eu
cd "$(dirname "$0")"

fail() { echo "setup: $*" >&2; exit 1; }

debian() {
  missing=""
  for package in "$@"; do dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"; done
  [ -z "$missing" ] && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "these Debian packages are missing:$missing. Run: sudo apt-get install$missing"
  echo "setup: installing$missing"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null \
    || fail "apt-get could not install$missing"
}

needs_terraform() {
  command -v terraform >/dev/null || fail "the command terraform is missing. It comes from HashiCorp, as one file to lay into PATH; no package index has it"
  found="$(terraform version -json 2>/dev/null | sed -n 's/.*"terraform_version": *"\([0-9.]*\).*/\1/p')"
  [ "$(printf '1.11\n%s\n' "$found" | sort -V | head -n 1)" = 1.11 ] || fail "terraform is ${found:-of an unknown version}, and 1.11 or newer is needed"
}

environment() {
  command -v python3 >/dev/null || debian python3
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "python3 is $(python3 -V 2>&1 | cut -d' ' -f2), and 3.11 or newer is needed"
  if [ ! -x "$2/bin/pip" ]; then
    # Debian ships venv apart from python3, for the python3 that stands at /usr/bin.
    python3 -c 'import ensurepip' 2>/dev/null || debian python3-venv
    python3 -m venv "$2"
  fi
  echo "setup: installing requirements/$1.txt into $2 (once, a minute or so)"
  # What is imported is compiled when it first is: most never is, and compiling all of it takes half as long as the rest.
  PIP_DISABLE_PIP_VERSION_CHECK=1 "$2/bin/pip" install -q --no-compile --require-hashes -r "requirements/$1.txt" \
    || fail "pip could not install requirements/$1.txt; is the package index reachable?"
}

venv() {
  environment "$1" .venv
  echo "$PWD/src" > "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/pisar.pth"
  printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m pisar.cli "$@"\n' "$PWD" > .venv/bin/pisar
  chmod +x .venv/bin/pisar
  touch .venv/.local
  [ "$1" = local ] || touch ".venv/.$1"
}

apart() {
  environment "$1" "build/$1"
  touch "build/$1/.ready"
}

npm_packages() {
  command -v npm >/dev/null || debian nodejs npm
  echo "setup: laying requirements/$1-npm.json into build/$1-npm"
  python3 requirements/npm.py lay "$1" || fail "npm could not lay requirements/$1-npm.json; is the package index reachable?"
  touch "build/$1-npm/.ready"
}

engine() {
  [ "$(uname -sm)" = "Linux x86_64" ] && grep -qw avx2 /proc/cpuinfo \
    || fail "the engine is built for Linux on x86-64 CPUs with AVX2, and this is $(uname -sm); what is in .venv stays as it is"
  [ -x .venv/bin/pip ] || venv local
  environment engine build/engine
  command -v g++ >/dev/null || debian g++
  headers="$(build/engine/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"
  [ -f "$headers" ] || debian python3-dev
  echo "setup: compiling whisper.cpp (two to four minutes on two cores)"
  containers/engine/build.sh "$PWD/build/engine/bin/pip" requirements/local.txt build/engine/wheel || fail "what is in .venv stays as it is"
  PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/pip install -q --force-reinstall --no-deps build/engine/wheel/pywhispercpp-*.whl
  PYTHONPATH=src .venv/bin/python -m pisar.adapters.ggml
}

engines() {
  [ -d build/engine/wheel ] || engine
  [ -f build/peers/.ready ] || apart peers
  for build in ours stock wheel; do
    [ ! -d "build/bench/$build" ] || continue
    case "$build" in
      ours) from="$(echo build/engine/wheel/pywhispercpp-*.whl)" ;;
      stock)
        echo "setup: compiling whisper.cpp as it is by itself"
        ENGINE_STOCK=1 containers/engine/build.sh "$PWD/build/engine/bin/pip" requirements/local.txt build/bench/stock-wheel
        from="$(echo build/bench/stock-wheel/pywhispercpp-*.whl)" ;;
      wheel) wheel; continue ;;
    esac
    PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/pip install -q --no-deps --target "build/bench/$build" $from
  done
}

wheel() {
  [ ! -d build/bench/wheel ] || return 0
  mkdir -p build/bench
  sed -n '/^pywhispercpp==/,/[^\\]$/p' requirements/local.txt > build/bench/pywhispercpp.txt
  PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/pip install -q --no-deps --target build/bench/wheel \
    -r build/bench/pywhispercpp.txt --require-hashes --only-binary pywhispercpp
}

spoken() {
  debian asterisk-core-sounds-ru asterisk-core-sounds-ru-g722 asterisk-core-sounds-en asterisk-core-sounds-en-g722 \
    sound-theme-freedesktop sound-icons
}

hearing() {
  spoken
  [ -f build/peers/.ready ] || apart peers
  wheel
}

verb=${1:-}
[ -n "$verb" ] && shift
case "$verb" in
  venv) venv "$@" ;;
  apart) apart "$@" ;;
  npm) npm_packages "$@" ;;
  engine) engine ;;
  engines) engines ;;
  spoken) spoken ;;
  hearing) hearing ;;
  terraform) needs_terraform ;;
  debian) debian "$@" ;;
  *) fail "usage: setup.sh venv local|dev, setup.sh apart SET, setup.sh npm SET, setup.sh engine, setup.sh terraform, or setup.sh debian PACKAGE…" ;;
esac
