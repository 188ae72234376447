# Every target makes its own environment in .venv, from the hashed lock files, with plain pip.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
CANDIDATES := $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python3.14 python)
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
READY := $(BIN)/python -c 'from bot.matching.rank import Matcher; Matcher().rank("Vi läser allt som ska läsas en gång, osynkbart"); Matcher().rank("and in English too")'
ARGS ?=
SIDE_BY_SIDE := --numprocesses 2 --dist loadscope --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench chaos docs pictures lock install clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.runtime ## the bot in a workspace of its own, in the browser (ARGS=--reset starts over)
	@$(BIN)/konsult demo $(ARGS)

test: $(VENV)/.development ## every test that this machine can run, side by side (ARGS=tests/test_cli.py for some, one by one)
	@$(BIN)/python -m pytest $(or $(ARGS),$(SIDE_BY_SIDE))

lint: $(VENV)/.development ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.development ## time what must be fast, and write it into docs/performance.md
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: $(VENV)/.development ## kill, crowd and starve the processes, and count what is left (ARGS="--seed 7 --kills 200 kills")
	@$(BIN)/python -m tests.chaos $(ARGS)

docs: $(VENV)/.development ## renew what the docs take from the code
	$(BIN)/python -m tests.pages

pictures: $(VENV)/.development ## renew the docs' pictures, from the stories that the tests play in Chromium
	@KONSULT_PICTURES=1 $(BIN)/python -m pytest tests/stories/test_in_the_browser.py -k demo $(ARGS)

lock: $(VENV)/.development ## renew the lock files from pyproject.toml (ARGS=--upgrade for newer versions)
	$(LOCK) $(ARGS) pyproject.toml --group build --output-file requirements.txt
	$(LOCK) $(ARGS) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt

install: $(VENV)/.runtime ## what running needs, and the command .venv/bin/konsult

clean: ## throw the environment away
	rm -rf $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what konsult needs into $(VENV); this is done once."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(READY)
	@touch $@

$(VENV)/.development: requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what developing konsult needs into $(VENV); this is done once."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(READY)
	@touch $@ $(VENV)/.runtime

$(BIN)/python:
	@for each in $(CANDIDATES); do \
		if "$$each" -c '$(USABLE)' 2>/dev/null; then exec "$$each" -m venv --clear $(VENV); fi; \
	done; \
	echo "No Python 3.11 or newer with venv was found; name one, for example: make PYTHON=/usr/bin/python3.11" >&2; \
	exit 2
