# `make` or `make help` says what there is. Only Python 3.11 or later and make are needed.
# Everything runs inside .venv, from requirements locked with hashes; nothing is installed elsewhere.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# the first python that is new enough; PYTHON=... chooses another
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

# every path is relative to this folder, whatever characters lead to it
PY := .venv/bin/python
APPS := xeno tenants customers orders segments campaigns webhooks
APP := .venv/.installed
DEV := .venv/.installed-dev
PIP := $(PY) -m pip --quiet --disable-pip-version-check install --require-hashes
# an environment that uv made has no pip
ENSURE_PIP := $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null

# two workers; a file's tests stay together, and in the order of conftest.py
TWO := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help run test sweep clients lint format types imports migrations bench faults lock clean

help:  ## this table
	@echo "make run         engines, web, worker, beat and the demo store, on http://127.0.0.1:8000; Ctrl-C stops all"
	@echo "                 PORT=8000   XENO_HOME=.xeno (the engines' data)   DEMO=0 (no demo store, no stand-in for Shopify)"
	@echo "make test        a test for each promise, on engines of their own; ARGS='-k inbox' chooses"
	@echo "make sweep       every wall at every route, every role, fault and page, some in a browser"
	@echo "make clients     the npm packages with which \`make test\` also tries a TypeScript client; needs node and npm"
	@echo "make lint        ruff: mistakes and formatting; bandit: dangers"
	@echo "make format      let ruff put the formatting right"
	@echo "make types       mypy, strict"
	@echo "make imports     import-linter: imports run one way"
	@echo "make migrations  fails when a model changed without its migration"
	@echo "make bench       every ratio beside its floor, on engines of its own; writes bench/RESULTS.md; ARGS='--scale 0.01' tries,"
	@echo "                 ARGS=--sending measures the sending of campaigns alone, and prints it"
	@echo "                 a real shop's invoices against a running server: manage.py create_store retail.myshopify.com …,"
	@echo "                 then .venv/bin/python bench/replay.py FILE"
	@echo "make faults      the long form of the fault tests; writes docs/faults.md"
	@echo "make lock        lock requirements.txt and requirements-dev.txt anew"
	@echo "make clean       remove .venv and the caches; .xeno with its data stays"

# --- to use it --------------------------------------------------------------------------

# exec, so that a signal for make's child is a signal for Xeno itself
run: $(APP)
	@exec $(PY) manage.py dev --follow-parent

bench: $(DEV)
	@exec $(PY) -m bench.run $(ARGS)

# --- to change it -----------------------------------------------------------------------

test: $(DEV)
	@exec $(PY) -m pytest -m "not slow and not sweep" $(TWO) $(ARGS)

sweep: $(DEV)
	@exec $(PY) -m pytest -m "sweep and not slow" $(TWO) $(ARGS)

# their scripts are not run: nothing here needs them
clients:
	@if command -v npm >/dev/null; then cd tests/clients && exec npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else echo "make: npm is not here: the tests of the TypeScript client are skipped."; fi

# the page is written after a failure too: it says which row failed
faults: $(DEV)
	@$(PY) -m pytest -m slow $(ARGS); ended=$$?; $(PY) -m tests.faults.ledger && exit $$ended

lint: $(DEV)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m bandit --quiet --configfile pyproject.toml --recursive $(APPS)

format: $(DEV)
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: $(DEV)
	@exec $(PY) -m mypy .

imports: $(DEV)
	@exec $(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()"

migrations: $(DEV)
	@exec $(PY) manage.py makemigrations --check --dry-run

lock: $(DEV)
	@$(PY) -m uv pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 -o requirements.txt
	@$(PY) -m uv pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 --group dev -o requirements-dev.txt

clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov tests/clients/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment ------------------------------------------------------------

$(APP): requirements.txt | .venv/bin/python
	@echo "Installing the locked requirements (once, and when they change)"
	@$(ENSURE_PIP)
	@$(PIP) -r requirements.txt || { echo "make: the packages of requirements.txt could not be installed: see above."; \
		echo "make: they need Linux or macOS on x86_64 or arm64, Python 3.11 or later, and a way to the package index."; exit 1; }
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Installing the locked requirements for development (once, and when they change)"
	@$(ENSURE_PIP)
	@$(PIP) -r requirements-dev.txt || { echo "make: the packages of requirements-dev.txt could not be installed: see above."; exit 1; }
	@touch $@ $(APP)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or later is needed, this machine has $$(python3 --version 2>&1): install it, or say where with PYTHON=/path/to/python."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "make: Python 3.11 or later is needed, and $(PYTHON) is not."; exit 1; }
	@echo "Making .venv with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "make: no virtual environment could be made: on Debian, apt install python3-venv."; exit 1; }
