.PHONY: help install test test-slow check demo ci

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

install: .venv/.done  ## a virtual environment with everything that tests need

.venv/.done: pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install -e '.[test]'
	touch $@

test: install  ## the quick tests
	.venv/bin/pytest

test-slow: install  ## storms of kills, soaks, whole corpora
	.venv/bin/pytest -m slow

check: install  ## lint, format, types and import rules
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

demo: install  ## the whole job offline, in a minute
	.venv/bin/nkwire demo

ci:  ## what the machine for continuous integration runs
	.ci/run
