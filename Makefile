# `make` lists the targets. Everything happens in .venv, which is made when it is missing.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench fuzz update lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(READY) ## Show what sqlcheck says about a query with a dozen faults, and what a good one becomes
	$(BIN)/sqlcheck check examples/broken || true
	$(BIN)/sqlcheck map examples/churn/queries/churn.sql

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) ## Measure speed, growth and what is found, beside sqlfluff and sqruff; ARGS=--readme writes it down
	$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(READY) ## Look for texts that break sqlcheck, for SECONDS (3600)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),3600) $(ARGS)

update: $(READY) ## Write the reports of the rule pages and other expected output anew
	$(BIN)/python -m pytest -q --update

lock: ## Write .ci/*.txt anew, with the newest versions that pyproject.toml allows
	$(PYTHON) .ci/lock.py

clean: ## Remove what was made
	rm -rf .venv .venv-bench fuzz-finds build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(READY): .ci/requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement .ci/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
