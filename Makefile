# Two commands do all on a machine with Python 3.11+ and make: `make quiz` and `make test`.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# One at a time, even with -j: the quiz needs the standard input.
.NOTPARALLEL:
.PHONY: quiz test bench fuzz kills screens clean help stale

ARGS ?= cnn
FUZZ ?= --count 1000000
KILLS ?= --runs 200
# The first Python that is new enough; looked for only when .venv has to be made.
PYTHON ?= $(shell for python in python3 python python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))

BIN := .venv/bin
# A stamp holds the folder it was made in, for .venv doesn't survive being moved or copied.
INSTALLED := .venv/installed
TESTABLE := .venv/testable
BENCHABLE := .venv/benchable
PIP = $(BIN)/python -m pip --disable-pip-version-check -qq install </dev/null

quiz: $(INSTALLED) ## Practise: make quiz, or make quiz ARGS="gradients -n 3"
	@$(BIN)/tutor quiz $(ARGS)

test: $(TESTABLE) ## Lint, check the types, run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile

bench: $(BENCHABLE) ## Measure how soon questions, comparisons and code answers are done
	@$(BIN)/python tests/bench.py

fuzz: $(TESTABLE) ## Send a million texts through the engine: make fuzz FUZZ="--start 0"
	@$(BIN)/python tests/fuzz.py $(FUZZ)

kills: $(TESTABLE) ## Kill a quiz at 200 moments and look for what is lost: make kills KILLS="--runs 20"
	@$(BIN)/python tests/kills.py $(KILLS)

screens: $(TESTABLE) ## Redraw what the README files show of the program
	@$(BIN)/python tests/generated.py

clean: ## Remove .venv and all caches (your answers lie elsewhere and stay)
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 14

$(BIN)/python:
	$(if $(PYTHON),,$(error Python 3.11 or later is needed and was not found: install it, or name it with `make PYTHON=/path/to/python`))
	$(if $(shell "$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null && echo yes),,$(error Python 3.11 or later is needed, and $(PYTHON) is not: name another one with `make PYTHON=/path/to/python`))
	@"$(PYTHON)" -m venv --clear .venv

$(INSTALLED): pyproject.toml $(BIN)/python
	@echo "Installing exam-tutor into .venv; this takes about a minute, once." >&2
	@$(PIP) --editable .
	@$(BIN)/python -m compileall -q engine tutor
	@echo "$(CURDIR)" >$@

$(TESTABLE): pyproject.toml $(BIN)/python
	@echo "Installing exam-tutor and its test tools into .venv." >&2
	@$(PIP) --editable '.[test]'
	@echo "$(CURDIR)" | tee $(INSTALLED) >$@

$(BENCHABLE): $(TESTABLE)
	@echo "Installing what is compared with into .venv." >&2
	@$(PIP) --editable '.[bench]'
	@echo "$(CURDIR)" >$@

ifneq ($(shell test -x $(BIN)/python && cat $(INSTALLED) 2>/dev/null),$(CURDIR))
$(BIN)/python $(INSTALLED) $(TESTABLE): stale
endif
