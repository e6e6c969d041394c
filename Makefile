# Marsad. `make help` lists what there is.
SHELL := /bin/sh
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run check test test-daily fault bench score docs lock clean

# Two processes share the tests, file by file: each has a database server of its own.
SIDE_BY_SIDE = -n 2 --dist loadfile

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Build .venv with what the service needs
	@deploy/setup.sh run

setup-dev: ## Build .venv with the checks and tests as well
	@deploy/setup.sh dev

demo: setup ## Show the main job without a network: stories break, alerts arrive
	@$(BIN)/marsad demo

run: setup ## Run the daemon on the sources of the pack iraq
	@$(BIN)/marsad run

check: setup-dev ## Format, lint, types and contracts, under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(BIN)/lint-imports

test: check ## Every check and every test
	$(BIN)/python -m pytest -m "not campaign" $(SIDE_BY_SIDE)

test-daily: setup-dev ## The quick part of the tests
	$(BIN)/python -m pytest -m "not campaign and not slow" -q $(SIDE_BY_SIDE)

fault: setup-dev ## Long campaigns with seeds: kill -9 at each step of the way, ten times each
	$(BIN)/python -m pytest -m campaign -q --timeout 3000

bench: setup-dev ## Speed and memory as ratios in one run, beside bare Scrapy and reader
	$(BIN)/python -m bench

score: setup-dev ## Quality figures over ../shared/score
	@for name in feeds articles rules forms lang stories; do \
	  echo "== $$name"; MARSAD=$(CURDIR)/$(BIN)/marsad $(BIN)/python ../shared/score/$$name.py || exit 1; done

docs: setup-dev ## Check that what README and docs say is true
	$(BIN)/python -m pytest tests/docs -q

lock: ## Resolve the lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --quiet pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --quiet pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove what set-up and tests made
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache
