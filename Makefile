# Each target is one line that also works without make, with .venv/bin on the PATH.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint format bench grammar accuracy docs clean

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: .venv/.ready  ## lint the shipped example pairs and print what is found
	$(BIN)/flexlint check examples --fail-on never

test: .venv/.ready lint  ## everything that CI runs
	$(BIN)/python -m pytest -n auto -m "not bench"
	$(BIN)/python -m pytest -m bench

lint: .venv/.ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/.ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.ready  ## the performance bars alone
	$(BIN)/python -m pytest -m bench

grammar: .venv/.ready  ## compile grammars/*.lark into the tables that a run reads
	$(BIN)/python -m flexlint.config.compile

accuracy: .venv/.ready  ## how often flexlint is right, by kind of fault; writes docs/accuracy.md
	$(BIN)/python tests/accuracy.py

docs: .venv/.ready  ## write the pages of docs/ that are made from the rules and the commands
	$(BIN)/python docs/generate.py

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
