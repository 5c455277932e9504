#!/bin/sh
# Builds the locked pywhispercpp for every CPU level of engine.cmake: build.sh PIP REQUIREMENTS FOLDER leaves the wheel in FOLDER.
#
#   PIP            of an environment with requirements/engine.txt, and of the Python that the wheel is for
#   ENGINE_STOCK=1 in the environment: as pywhispercpp builds it by itself for the machine at hand, to compare with
#   REQUIREMENTS   the locked file that names pywhispercpp; its source is held to the hashes there
set -eu
pip=$1 requirements=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
rm -f "$folder"/pywhispercpp-*.whl
sed -n '/^pywhispercpp==/,/[^\\]$/p' "$requirements" >"$folder/pywhispercpp.txt"
# pywhispercpp's setup.py hands the whole environment on to CMake; a folder's name may have blanks there, and not in CMAKE_ARGS.
PYWHISPERCPP_VERSION=$(sed -n 's/^pywhispercpp==\([0-9.]*\).*/\1/p' "$folder/pywhispercpp.txt")
if [ -z "${ENGINE_STOCK:-}" ]; then
  export CMAKE_PROJECT_INCLUDE="$here/engine.cmake"
else
  export CMAKE_ARGS='-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON -DCMAKE_INSTALL_RPATH=$ORIGIN'
fi
PATH=$(dirname "$pip"):$PATH
export PYWHISPERCPP_VERSION PATH CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"
"$pip" wheel --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps --no-build-isolation \
  --no-binary pywhispercpp --wheel-dir "$folder" --requirement "$folder/pywhispercpp.txt" >"$folder/build.log" 2>&1 \
  || { tail -n 40 "$folder/build.log" >&2; echo "engine: whisper.cpp could not be built; all of it is in $folder/build.log" >&2; exit 1; }
