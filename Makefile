.PHONY: help install test check demo ci

help:  ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

install: .venv/.done  ## a virtual environment with everything that tests need

.venv/.done: pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install -e '.[test]'
	touch $@

test: install  ## run the tests
	.venv/bin/pytest

check: install  ## lint, format, types and import rules
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

demo: install  ## the whole job offline, in a minute
	.venv/bin/nkwire demo

ci:  ## what the machine for continuous integration runs
	.ci/run
