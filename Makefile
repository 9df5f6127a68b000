# `make` lists what there is. The first run sets everything up; see packaging/setup.sh.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help say test check quick-tests run lint pythons test-windows bench bench-voices screenshots samples lock command-pages try-wheel deb folder release clean ready-to-say ready-to-bench ready-to-run ready-to-test

BIN := .venv/bin
TEXT ?= This is Lectern. It reads aloud, on your own computer.
# `value`: a dollar sign in the text is a dollar sign. The shell gets it through the environment, quotes and all.
override TEXT := $(value TEXT)
export TEXT TORCH
# Only the pinned version counts, and asking for a newer one would need a network.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Where the environment forbids Python to keep bytecode, each of a thousand processes would compile PyTorch anew.
unexport PYTHONDONTWRITEBYTECODE

# A worker that dies ends the run (tests/workers.py). More workers than cores: what plays sound or presses buttons waits
# most of the time. No more than that: each of them looks for all tests first. The quick ones wait less.
N_CORES := $(shell nproc)
WORKERS ?= $(shell echo $$(($(N_CORES) + 3)))
quick-tests: WORKERS = $(shell echo $$(($(N_CORES) + 1)))
PYTEST = -m pytest -q -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --max-worker-restart 0

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

say: ready-to-say ## Speak TEXT="…" to build/say.wav, and aloud
	@mkdir -p build
	@$(BIN)/lectern say -o build/say.wav --play -- "$$TEXT"
	@packaging/setup.sh next

test: lint ## Lint, then every test; any warning fails
	@$(BIN)/python $(PYTEST)

check: ready-to-test ## Lint, and beside it all tests but the slow and the real ones
	@$(MAKE) -j 2 --output-sync=target lint quick-tests

quick-tests: ready-to-test
	@$(BIN)/python $(PYTEST) --ignore tests/real -m "not slow and not real"

run: ready-to-run ## Start Lectern: the tray and its window
	@$(BIN)/lectern

lint: ready-to-test ## ruff, pyright, import-linter
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/python -m pyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports --no-logo

pythons: ready-to-test ## Types and tests on each other Python found here
	@packaging/pythons.sh

test-windows: ready-to-say ## What only Windows shows, under Wine; sets that up once, as root on Debian, or says that it cannot
	@tests/windows/run.sh

bench: ready-to-bench ## Measure how fast S1 Mini is here; build/bench.json
	@mkdir -p build
	@$(BIN)/lectern bench --json build/bench.json

bench-voices: ready-to-test ## Measure how well and how fast VOICES="…" speak: a recogniser, predicted quality
	@packaging/bench-voices.sh $(VOICES)

screenshots: ready-to-test ## Every window as a picture, and a video with sound, in build/screenshots
	@PYTHONPATH=tests $(BIN)/python tests/screenshots.py build/screenshots

samples: ready-to-test ## The same paragraph by every voice, in resources/samples
	@PYTHONPATH=tests $(BIN)/python tests/samples.py

lock: ready-to-say ## Lock every package's version anew; UPGRADE=all or UPGRADE=NAME raises them
	@$(BIN)/python packaging/lock.py $(addprefix --upgrade ,$(UPGRADE))

command-pages: ready-to-test ## The manual page and what shells complete, from the program's own parser
	@PYTHONPATH=. $(BIN)/python packaging/command_pages.py

try-wheel: ready-to-test ## Install the built wheel by uv tool, pipx and pip in empty homes, and start it there
	@packaging/try-wheel.sh

deb: ready-to-say ## Build the Debian package: build/lectern_*.deb; packaging/try-deb.sh tries it
	@packaging/deb.sh

folder: ready-to-say ## Build a folder that runs without installing: build/lectern-*.tar.xz
	@packaging/folder.sh

release: ready-to-test ## Check and build the release VERSION=1.2.3 into dist/; with TAG=yes commit and tag it
	@$(BIN)/python packaging/release.py "$(VERSION)" $(if $(filter yes,$(TAG)),--tag)

clean: ## Remove .venv, build/ and every cache
	@rm -rf .venv build dist .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready-to-say:
	@packaging/setup.sh say

ready-to-bench:
	@packaging/setup.sh bench

ready-to-run:
	@packaging/setup.sh run

ready-to-test:
	@packaging/setup.sh test
