# Cellroad from a clean clone: needs make and Python 3.11 or newer, nothing else.
# Installs exactly what uv.lock names, into .venv; uv itself lives in .tools and is used for nothing but that.

PYTHON ?= python3
UV_VERSION := 0.13.9

VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
EXAMPLE ?= kandi-cbak
FONTS := fonts-dejavu-core fonts-liberation

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench docs lock clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed  ## plan a real battery chain and write its report to out/
	@mkdir -p out
	$(BIN)/cellroad plan $(EXAMPLE) --report out/$(EXAMPLE).html

test: lint | chromium  ## lint, then run every test and demand 85 % coverage
	$(BIN)/pytest -n 2 --cov=cellroad --cov-report=term:skip-covered --cov-fail-under=85

lint: $(VENV)/.installed-dev  ## style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev  ## prove published optima and time the solver
	@set -e; for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script; done

docs: $(VENV)/.installed-dev  ## rewrite the pages that are made from declarations
	@set -e; for tool in tools/docs.py tools/*_page.py; do $(BIN)/python $$tool; done

lock: $(UV)  ## resolve the dependencies anew and write uv.lock
	PATH="$(CURDIR)/.tools/bin:$$PATH" $(PYTHON) tools/lock.py

clean:  ## remove what was installed and made
	rm -rf $(VENV) .tools out dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv is fast; pip is asked where uv cannot reach an index, because it knows the mirrors of this machine.
export UV_SYSTEM_CERTS := 1
define install
	@$(UV) pip install --quiet --python $(BIN)/python $(1) 2>/dev/null \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1)
endef

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "Cellroad needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Installing what uv.lock names; only the first time ..."
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.installed: uv.lock pyproject.toml | $(UV)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(UV) export --frozen --no-emit-project --no-dev --group build --quiet --output-file $(VENV)/requirements.txt >/dev/null
	$(call install,--require-hashes -r $(VENV)/requirements.txt)
	$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(UV) export --frozen --no-emit-project --quiet --output-file $(VENV)/requirements-dev.txt >/dev/null
	$(call install,--require-hashes -r $(VENV)/requirements-dev.txt)
	@touch $@

.PHONY: chromium
chromium:
	@if ! command -v chromium >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium $(FONTS) >/dev/null; \
	  else \
	    echo "No Chromium: tests that open a page are skipped. On Debian: sudo apt-get install chromium $(FONTS)"; \
	  fi; \
	fi
