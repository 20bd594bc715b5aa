#!/usr/bin/env bash
# Everything CI runs, in the order that fails fastest. With CI=true a skipped test is a failure where the material is there.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD PATH="$PWD/.venv/node:$PATH"
py=.venv/bin/python
step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

step "lint"; .venv/bin/ruff check . && .venv/bin/ruff format --check .
step "types"; .venv/bin/mypy
step "import contracts"; .venv/bin/lint-imports --no-cache
step "pages: lint, types, unit"
(cd web && npm run --silent lint && npm run --silent typecheck && npm run --silent test)
step "unit, contract, integration"
$py -m pytest tests/unit tests/contract tests/integration -q -n 2 --dist loadgroup
step "media, crash"
$py -m pytest tests/media tests/crash -q
step "end to end"
$py -m pytest tests/e2e -q --tb=short
