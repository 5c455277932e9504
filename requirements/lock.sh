#!/bin/sh
# Locks the requirements: one file for each deployable and one for development, hashed, without download addresses.
# The functions run on the cloud's Python 3.12, the image on Debian's 3.11, the rest on any Python from 3.11.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile -q --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links "$@"; }
for function in webhook authorizer dead_letters uploads callbacks jobs; do
  compile --python-version 3.12 --python-platform x86_64-manylinux_2_28 --extra "$function" pyproject.toml -o "requirements/$function.txt"
done
compile --python-version 3.11 --python-platform x86_64-manylinux_2_28 --extra transcriber pyproject.toml -o requirements/transcriber.txt
compile --python-version 3.11 --python-platform x86_64-manylinux_2_28 --extra vm pyproject.toml -o requirements/vm.txt
compile --universal --python-version 3.11 --extra local pyproject.toml -o requirements/local.txt
compile --universal --python-version 3.11 --extra local --extra vm --group dev pyproject.toml -o requirements/dev.txt
compile --universal --python-version 3.11 --group checkov pyproject.toml -o requirements/checkov.txt
compile --universal --python-version 3.11 --group storage_clients pyproject.toml -o requirements/storage_clients.txt
compile --universal --python-version 3.11 --group engine pyproject.toml -o requirements/engine.txt
compile --universal --python-version 3.11 --group peers pyproject.toml -o requirements/peers.txt
compile --universal --python-version 3.11 --group clients pyproject.toml -o requirements/clients.txt
command -v npm >/dev/null || { echo "lock: npm is missing, and requirements/clients-npm.json stays as it is" >&2; exit; }
.venv/bin/python requirements/npm.py lock clients
