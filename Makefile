# One command for each thing to do. Every target makes its own set-up; a second run changes nothing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
ARGS ?=
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never


help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Virtual environment, locked libraries, browser libraries.
	@bash scripts/setup.sh run

setup-tests: ## As setup, with what the tests start: Chromium, Firefox, PostgreSQL, ffmpeg.
	@bash scripts/setup.sh test

demo: setup ## Hold a whole hearing with robots and show the links. ARGS='--exit --report FILE ...'
	@$(PYTHON) -m web.cli demo $(ARGS)

serve: setup ## Serve the product. ARGS='--host 0.0.0.0 --data DIR ...'
	@$(PYTHON) -m web.cli serve $(ARGS)

check: setup ## Format, lint, types, import contracts, pure tests: under a minute.
	@bash scripts/check.sh

format: setup ## Rewrite the sources in the house format.
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

test: setup-tests ## check, and everything real: Chromium, Firefox, PostgreSQL, ffmpeg, the media process.
	@bash scripts/test.sh $(ARGS)

bench: setup-tests ## Measure against named alternatives; writes bench/results.json.
	@$(PYTHON) -m bench $(ARGS)

impair: setup-tests ## Real browsers over bad lines. ARGS='--rows loss-5,outage-3 --runs 1'
	@$(PYTHON) -m bench.impair $(ARGS)

HOURS ?= 0.5
soak: setup-tests ## A long call at 1% loss: drift and memory, told each minute. HOURS=2
	@$(PYTHON) -m bench.soak --hours $(HOURS)

scripts: setup ## Rewrite the hearing scripts' answers (read the difference before you commit it).
	@$(PYTHON) -m tests.hearing.test_scripts --rewrite

protocol: setup ## Rewrite docs/protocol.md and the browser's types from the dataclasses.
	@$(PYTHON) -m hearing.protocol_page

docs: setup protocol ## Rewrite the generated pages of docs/.
	@$(PYTHON) -m web.settings_page

clean: ## Remove what set-up made.
	rm -rf .venv .setup node_modules web/static/vendor
