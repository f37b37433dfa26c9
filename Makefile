# For those who work on the program. bin/setup --tests comes first; a newcomer needs only bin/run and bin/test.
BIN := .venv/bin
PIP_COMPILE := build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-header --annotation-style=line \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help setup lint types test faults bench demo reference pictures guide messages lock

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## Everything that programs and tests need, again at any time
	@bin/setup --tests

lint: setup ## Style: ruff over the Python
	$(BIN)/ruff check .

types: setup ## Types: mypy, strict below api
	$(BIN)/mypy

test: ## Everything: style, types, all tests
	bin/test

faults: setup ## Only the tests that kill, cut and race
	$(BIN)/python -m pytest -m faults

bench: setup ## Measure beside the bare driver; JSON lines on standard output
	@$(BIN)/python -m bench

demo: ## Start the demonstration county
	bin/run

reference: setup ## Write the tables of docs/api.md anew
	$(BIN)/python tests/api_docs.py

pictures: setup ## Draw every screen and every printed page into build/pictures
	$(BIN)/python -m pytest -m pictures

guide: setup ## The user guide with its pictures, as PDF and page, into build/guide
	$(BIN)/python -m pytest -m pictures tests/test_guide.py

messages: setup ## Take new texts into the English catalogue and drop those that are gone
	mkdir -p build
	$(BIN)/pybabel -q extract --mapping-file=pyproject.toml --omit-header --no-location --sort-output --no-wrap \
		--output-file=build/messages.pot .
	$(BIN)/pybabel -q update --input-file=build/messages.pot --output-file=templates/locale/en.po --locale=en \
		--omit-header --ignore-obsolete --no-fuzzy-matching --no-wrap

lock: ## Take the newest versions that pyproject.toml and package.json allow into the locks
	python3 -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools
	$(PIP_COMPILE) --upgrade --extra assets --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --upgrade --extra assets --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml
	cd templates/assets && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only
