# Everything stays within .venv. `make demo` and `make test` do all of their own set-up.
# Wanted: make, and Python 3.11 or later (`make PYTHON=python3.12` names another one).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := radar_cli commands scanners sync radar_core radar_server
CHECKED := $(PACKAGES) tests bench tools

# Carried along, because Debian's python3 brings neither pip nor ensurepip: see tools/README.md.
PIP_WHEEL := tools/pip-26.3-py3-none-any.whl
PIP_SHA256 := f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13
PIP := $(BIN)/python $(PIP_WHEEL)/pip --quiet --disable-pip-version-check --no-input

CATALOGUE := radar_cli/locale/zh/LC_MESSAGES/radar.po
UV_COMPILE := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

MINUTES ?= 0.2

# A process of tests for each core. A file stays in one, for its fixtures' sake; the folders that take
# long come first in the alphabet, so that the quick files fill what is left at the end.
AT_ONCE := -n auto --dist loadfile --no-loadscope-reorder

# pyright would ask the network whether there is a newer one of it.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check audit mypy pyright unit bench fuzz lock texts roles pictures build sbom clean

help: ## say what there is to make
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

demo: $(VENV)/.ready ## show everything on this machine: a centre, a district, a guard's shift
	@$(BIN)/radar demo

test: check ## check everything: the style, the types, the layer rule and every test
	$(BIN)/pytest $(AT_ONCE)

check: $(VENV)/.ready-dev ## check the style, the types and the layer rule
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory -j2 mypy pyright

audit: $(VENV)/.ready-dev ## hold the locks against known advisories, and ask online where that can be
	$(BIN)/python -m tools.audit --online

mypy:
	$(BIN)/mypy

pyright:
	$(BIN)/pyright --pythonpath $(BIN)/python

unit: $(VENV)/.ready-dev ## run the quick tests only
	$(BIN)/pytest $(AT_ONCE) tests/unit

bench: $(VENV)/.ready-dev ## measure, against the goals in ARCHITECTURE.md
	@set -e; for script in bench/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script; done

fuzz: $(VENV)/.ready-fuzz ## feed every decoder of foreign bytes for a while (MINUTES=10, KINDS=wire)
	$(BIN)/python -m bench.fuzz_decoders --minutes $(MINUTES) $(KINDS)

build: $(VENV)/.ready sbom ## build the wheel into dist/, and what it brings along
	$(BIN)/python -m hatchling build -t wheel

sbom: $(VENV)/.ready-dev ## write the bill of materials into dist/
	$(BIN)/python -m tools.sbom dist/radar-field.cdx.json

# Both locks are for every system and every Python from 3.11 on, and name no index.
# Versions stay as they are while they fit; `make lock UPGRADE=--upgrade` takes the newest ones.
lock: $(VENV)/.ready-dev ## make both locks anew from pyproject.toml
	$(UV_COMPILE) $(UPGRADE) --group build pyproject.toml --output-file requirements.lock
	$(UV_COMPILE) $(UPGRADE) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(UV_COMPILE) $(UPGRADE) --group fuzz --output-file requirements-fuzz.lock

texts: $(VENV)/.ready-dev ## gather the texts that people read, and compile the catalogues
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --keywords N_ --no-location --sort-output --project radar \
		--output-file build/radar.pot $(PACKAGES)
	$(BIN)/pybabel --quiet update --ignore-pot-creation-date --init-missing --ignore-obsolete \
		--no-fuzzy-matching --no-wrap --domain radar --locale zh --input-file build/radar.pot --output-file $(CATALOGUE)
	$(BIN)/pybabel --quiet compile --statistics --input-file $(CATALOGUE) \
		--output-file $(CATALOGUE:.po=.mo)

roles: $(VENV)/.ready-dev ## write docs/roles.md anew, from the table that decides
	$(BIN)/python -m tests.role_table

pictures: $(VENV)/.ready-dev ## draw docs/pictures anew, from the screen as it is
	$(BIN)/python -m tools.pictures

clean: ## remove what make made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: requirements.lock pyproject.toml $(PIP_WHEEL)
	@command -v $(PYTHON) >/dev/null || { \
		echo "RADAR needs Python 3.11 or later: install python3, or say where it is with" \
			"\`make PYTHON=...\`." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"RADAR needs Python 3.11 or later, and $(PYTHON) is %d.%d: " \
		"name another one with `make PYTHON=python3.12`." % sys.version_info[:2])'
	@echo "Setting up $(VENV): once, about half a minute where the network is good ..."
	@$(PYTHON) -c 'import hashlib, sys; sys.exit( \
		hashlib.sha256(open("$(PIP_WHEEL)", "rb").read()).hexdigest() != "$(PIP_SHA256)" and \
		"$(PIP_WHEEL) is not the file that it should be: fetch the checkout anew.")'
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@echo "Adding what the checks need: once, some 120 MB ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.ready-fuzz: $(VENV)/.ready-dev requirements-fuzz.lock
	@$(PIP) install --require-hashes -r requirements-fuzz.lock
	@touch $@
