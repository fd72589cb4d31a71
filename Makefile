# Each target is enough by itself on a machine with python3 (3.11+) and make: .venv is built on first use, uv inside it,
# so neither a managed system Python (PEP 668) nor version-manager shims get in the way.
PYTHON ?= python3
BIN := .venv/bin
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: demo test test-all check bench clean

demo: .venv/.ready
	$(BIN)/replay demo

test: .venv/.ready
	$(BIN)/pytest

test-all: .venv/.ready
	$(BIN)/pytest -m ""

check: .venv/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/test_house.py

bench: .venv/.ready
	$(BIN)/python -m bench

.venv/bin/uv:
	$(PYTHON) -m venv .venv || { $(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# --inexact keeps uv itself in the environment it installs into.
.venv/.ready: pyproject.toml .venv/bin/uv
	$(BIN)/uv sync --quiet --inexact --python $(BIN)/python
	@touch $@

.venv/.lint: .venv/.ready
	$(BIN)/uv sync --quiet --inexact --group lint --python $(BIN)/python
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
