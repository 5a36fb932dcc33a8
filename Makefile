# A plain python3 and make are all a fresh machine needs. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
SYNC = $(UV) sync --quiet --frozen --extra pipelines
OCR_SYNC = UV_PROJECT_ENVIRONMENT=.homeroom/ocr/venv $(UV) sync --quiet --frozen --extra ocr --no-dev --no-install-project
ROUNDS ?= 20

.PHONY: help install up down test check static format tools ocr migrate bench soak reset clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(UV) ## install Python packages into .venv, exactly as locked
	@$(SYNC) 2>/dev/null || UV_SYSTEM_CERTS=true $(SYNC)  # again with the system's certificates: behind a proxy

.uv/bin/uv:
	@ops/tools/bootstrap_uv.sh .uv

up: install ## start everything with a demo district; Ctrl-C stops it
	@exec $(BIN)/homeroom up --demo

down: ## stop a running `make up`
	@if [ -x $(BIN)/homeroom ]; then exec $(BIN)/homeroom down; else echo "nothing is installed, so nothing runs"; fi

test: install ## the whole suite on PostgreSQL, and its database part again on TimescaleDB where there is one
	@ops/tools/run_tests.sh

check: static ## what must hold before a commit: format, lint, types, imports, fast tests
	@$(BIN)/python -m pytest -q -m "not database and not any_engine and not e2e and not fault"

static: install
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install ## format the code and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

tools: ## provide what tests need beyond Python (Debian as root): TimescaleDB, nginx, clamd, Chromium, npm client
	@ops/tools/provision.sh

ocr: $(UV) ## provide what reads scans and photos, in an environment of its own (Linux, about 1 GB)
	@$(OCR_SYNC) 2>/dev/null || UV_SYSTEM_CERTS=true $(OCR_SYNC)  # as above
	@.homeroom/ocr/venv/bin/python ops/tools/ocr_models.py .homeroom/ocr/models

migrate: install ## bring the database at HOMEROOM_ADMIN_DATABASE_URL to the newest migration
	@exec $(BIN)/homeroom migrate

bench: install ## measure the figures of docs/benchmarks.md on this machine
	@exec $(BIN)/homeroom bench

soak: install ## 100,000 drawn gradebooks, 5,000 answers through ten kills, 20 killed runs, 40 sockets through faults, 10,000 hostile events, then the fault tests ROUNDS times (default 20)
	@GRADEBOOKS=100000 $(BIN)/python -m pytest -q -n 0 tests/core/domain/test_gradebook_oracle.py
	@ANSWERS=5000 KILLS=10 $(BIN)/python -m pytest -q -n 0 tests/faults/test_answers.py
	@KILLS=20 $(BIN)/python -m pytest -q -n 0 tests/faults/test_kill_pipeline.py
	@SOCKET_SECONDS=30 SOCKET_CLIENTS=40 CUT_SECONDS=300 $(BIN)/python -m pytest -q -n 0 -s tests/faults/test_realtime.py
	@FUZZ=10000 $(BIN)/python -m pytest -q -n 0 -s tests/realtime/test_fuzz.py
	@for round in $$(seq $(ROUNDS)); do \
		echo "round $$round of $(ROUNDS)"; $(BIN)/python -m pytest -q -m fault || exit 1; \
	done

reset: down ## stop, and delete the local stores and the demo (the keys stay: other databases may need them)
	@cd .homeroom 2>/dev/null && rm -rf pg redis warehouse warehouse-cache storage dagster logs run \
		roles.json demo.json environment || true

clean: ## delete what was installed and cached; local data stays (see reset)
	@rm -rf .venv .uv tests/client/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage htmlcov dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
