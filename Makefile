# What a person types. Everything made here lies in .venv, node_modules and the data folder (var).
.DEFAULT_GOAL := help
.SUFFIXES:
PY := .venv/bin/python
# Node of the machine, else the one in .venv: scripts/setup decides.
PYTHON_STAMP := .venv/.installed
NODE_STAMP := node_modules/.installed
# An upgrade of the machine's Python takes the packages' folder from under .venv: then they are installed anew.
$(shell [ ! -e $(PYTHON_STAMP) ] || $(PY) -c 'import django' 2>/dev/null || rm -f $(PYTHON_STAMP))

.PHONY: help setup run test lint format types bench screenshots clean lock

help: ## show these targets
	@echo "make TARGET, where TARGET is:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(PYTHON_STAMP): requirements.lock scripts/setup
	@scripts/setup python

$(NODE_STAMP): package-lock.json package.json .npmrc $(PYTHON_STAMP)
	@scripts/setup node

setup: $(PYTHON_STAMP) $(NODE_STAMP) ## install what run and test need (they do it themselves)

run: setup ## run the whole site on http://127.0.0.1:8000/ until Ctrl-C (PORT, TRACKER_DATA change where)
	@exec $(PY) manage.py run --stop-with-parent

test: setup ## check everything: style, house rules, types, templates, then all tests
	@scripts/check all

lint: setup ## check style, house rules and templates
	@scripts/check lint

format: setup ## put the code and the templates in shape
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .
	@git ls-files 'templates/*.html' | xargs -r .venv/bin/djade --target-version 5.2 || \
	  git ls-files 'templates/*.html' | xargs -r .venv/bin/djade --check --target-version 5.2 # it fails where it mended, too

types: setup ## check types
	@scripts/check types

bench: setup ## measure what has to be fast
	@scripts/check bench

screenshots: setup ## take the pictures README shows
	@scripts/check chromium
	@$(PY) -m tests.screenshots

clean: ## remove what was installed and cached; the data folder stays
	rm -rf .venv node_modules screenshots test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: setup ## write the lock files anew from pyproject.toml and package.json
	@.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --extra dev --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	@scripts/setup npm install --package-lock-only --ignore-scripts
