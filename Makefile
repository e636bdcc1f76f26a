# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help demo test lint types unit bench audit gpu-paths clean lab

help:
	@echo "make demo   install into $(VENV) and watch dkai do its main job"
	@echo "make test   install the test tools, then lint, type-check and run every test"
	@echo "make lint types unit   one part of it      make bench   the benchmarks      make audit SEED=7   claims to check"

# Each stamp says that this environment holds what that requirement file pins. Two steps: everything else is checked
# against its hash; dkai itself is built here, by the tools that were just checked.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/demo.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/test.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)/.demo
	@$(BIN)/dkai demo

test: $(VENV)/.test lab lint types unit

# The Slurm lab needs root and Debian; elsewhere its tests say loudly that they were skipped, and why.
lab:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		tests/lab/lab install || [ "$$DKAI_REQUIRE_LAB" != 1 ]; fi

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

unit: $(VENV)/.test
	$(BIN)/python scripts/compile_all.py
	$(BIN)/python -m pytest -n 3 --dist loadfile

bench: $(VENV)/.test
	$(BIN)/python benchmarks/run_all.py

# Claims that would do harm if they were wrong, drawn by a seed, each beside its sources (see docs/audits.md).
SEED ?= 1
audit: $(VENV)/.test
	@$(BIN)/python scripts/audit.py $(SEED)

# The recipes' GPU ways in real PyTorch: DKAI_TORCH_PYTHON=/path/to/python make gpu-paths
gpu-paths: $(VENV)/.test
	$(BIN)/python -m pytest -q tests/recipes/gpu_paths tests/compute/test_lab_torch.py

clean:
	rm -rf $(VENV) dist build
