# Every task of the project. `make help` lists them.
SHELL := /bin/bash
PY := .venv/bin/python
export PYTHONPATH := $(CURDIR)
.DEFAULT_GOAL := help

help: ## list all tasks
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: ## install everything this machine lacks (packages, Python, pages, models)
	@scripts/setup.sh all

run: ## README command 1: set up and run the product with demo data (HTTPS=1 serves a local certificate)
	@scripts/setup.sh run
	@exec env DR_HTTPS=$(if $(HTTPS),true,false) $(PY) -m server run

test: ## README command 2: everything CI runs, browser tests included
	@scripts/setup.sh test
	@scripts/test.sh

check: ## lint, types, import contracts, unit tests (under 2 minutes)
	@scripts/setup.sh python
	.venv/bin/ruff check . && .venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(PY) -m pytest tests/unit -q -n 2

web: ## build the pages
	@scripts/setup.sh web

models: ## fetch speech and face models (DR_MODEL_MIRROR names a mirror folder)
	@$(PY) -m scripts.models

native: ## build the compiled inner loop of the media plane (optional; Python path otherwise)
	@$(PY) -m media.native.build || echo "no compiler: the pure Python path is used"

migrate: ## bring the database to the newest schema
	@$(PY) -m server migrate

demo-case: ## one whole case without a person watching (headless Chromium), in a folder of its own; S3=own: on an object store
	@scripts/setup.sh test
	@$(PY) -m scripts.demo_case $(if $(filter own,$(S3)),--own-s3)

verify: ## check a sealed package offline: make verify CASE=<case id> (or PACKAGE=<folder or zip>)
	@$(PY) -m scripts.verify_evidence $(if $(PACKAGE),"$(PACKAGE)",--case "$(CASE)")

topology-test: ## the production topology as plain processes, proven on one recording (one to three minutes)
	@$(PY) -m scripts.topology

verify-audit: ## check the audit log against each day's time-stamped head
	@$(PY) -m server verify-audit

screens: ## screenshots of every page into docs/screens
	@scripts/setup.sh test
	@$(PY) -m scripts.screens

bench-media: ## benchmarks of the media plane (ONLY=cpu|capacity|sync|loss|crash|recovery|compose|soak, SKIP=soak)
	@$(PY) -m scripts.bench.media $(if $(ONLY),--only $(ONLY)) $(if $(SKIP),--skip $(SKIP))

bench-evidence: ## benchmarks of evidence and inspection (ONLY=seal|finalise|search|faces|checks|alerts)
	@$(PY) -m scripts.bench.evidence $(if $(ONLY),--only $(ONLY))

bench-callback: ## benchmark of the daily batch of callbacks (COUNT=10000)
	@$(PY) -m scripts.bench.callback $(if $(COUNT),--count $(COUNT))

lock: ## write requirements.lock from the present environment
	@.venv/bin/pip freeze --exclude-editable | grep -vE '^(uv)==' > requirements.lock

api-types: ## regenerate the TypeScript types of the API
	@$(PY) -m server openapi > web/packages/api/openapi.json && cd web && npm run --silent api:types

clean: ## remove what can be made again (never data/)
	rm -rf web/dist .mypy_cache .ruff_cache .pytest_cache build

.PHONY: help setup run test check web models native migrate demo-case verify verify-audit topology-test screens bench-media bench-evidence bench-callback lock api-types clean
