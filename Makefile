# OneTrip. `make demo` and `make test` are all a new machine needs; each installs what is missing and then does its job.
SHELL := /bin/sh
PY := .venv/bin/python
OUT ?= demo-out
KILLS ?= 10000
export PYTHONUTF8 := 1

.PHONY: help demo run test tests chaos fuzz mutate bench lint format setup setup-dev soak soak-kills clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    a simulated citizen does each service; pictures and receipts go to $(OUT)/"
	@echo "make run     the kiosk for a person: in a window with the bench, or over VNC where there is no display"
	@echo "make test    format, types, layers and all tests, headless"
	@echo "make bench   the figures beside their bars"
	@echo "make lint    only format, types and layers"
	@echo "make chaos   every device fault in every phase of a visit, then $(KILLS) random kills under payments"
	@echo "make fuzz    a million mutated frames into every parser"
	@echo "make mutate  small changes to the rules of law, each of which a test must notice"
	@echo "make soak    1,000 journeys, memory watched"
	@echo "make soak-kills  10 minutes of journeys while services and simulators are killed at random"

setup:
	@packaging/bootstrap.sh run

setup-dev:
	@packaging/bootstrap.sh dev

demo: setup
	@$(PY) -m kiosk demo --profile demo --out $(OUT)

run: setup
	@$(PY) -m kiosk run --profile demo --windowed --bench

lint: setup-dev
	@echo "ruff"; .venv/bin/ruff format --check -q . && .venv/bin/ruff check -q .
	@echo "mypy --strict"; .venv/bin/mypy
	@echo "import layers"; .venv/bin/lint-imports --no-logo 2>&1 | tail -n 20

# The checks and the tests share the cores. Tests are written down as bytecode, whatever the machine's habit: the workers load the same ones.
test: setup-dev
	@$(MAKE) --no-print-directory -j 2 lint tests

tests: setup-dev
	@QT_QPA_PLATFORM=offscreen OPENCV_FOR_THREADS_NUM=1 OPENBLAS_NUM_THREADS=1 env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -q -n 5 --dist loadgroup

chaos: setup-dev
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest -q -n 4 --dist loadgroup -m chaos
	@$(PY) -m tests.soak.money --kills $(KILLS)

fuzz: setup-dev
	@$(PY) -m tests.hostile.frames

mutate: setup-dev
	@$(PY) -m pip install --disable-pip-version-check --no-compile --require-hashes --progress-bar off -q -r packaging/requirements-mutation.lock
	@$(PY) -m tests.mutation

bench: setup-dev
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.bench

soak: setup-dev
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.bench soak

soak-kills: setup-dev
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.soak.kills --minutes 10

format: setup-dev
	@.venv/bin/ruff format -q . && .venv/bin/ruff check -q --fix .

clean:
	rm -rf .venv $(OUT) bench-out test-out mutants .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
