# make demo   clean every page in samples/ into out/
# make test   lint, types and the whole test suite
# make bench  accuracy and speed beside other tools
# make bench-batch  what whole libraries cost
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test bench bench-batch setup clean
demo: setup
	@$(BIN)/pravka clean samples/page-1.png samples/page-2.png samples/page-3.jpg samples/page-4.jpg \
	  samples/offprint.pdf samples/abstract.txt -o out

test: setup
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest

bench: setup
	@$(BIN)/python benchmarks/bench.py

bench-batch: setup
	@$(BIN)/python benchmarks/batch.py

setup: $(READY)

$(READY): pyproject.toml requirements.lock setup.sh
	@PYTHON=$(PYTHON) bash setup.sh $(VENV)
	@touch $(READY)

clean:
	rm -rf $(VENV) out
