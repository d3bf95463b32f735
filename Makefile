# The commands of the project; each sets up `.venv` first, with Python 3.11 or later and nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

.PHONY: help serve test test-all test-heavy check lint types docs data train evaluate seeds compare bench bench-serve bench-page bench-neighbours bench-archive fuzz soak crowd stalls rolling-restart lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 20

# One stamp a set of extras, so that the service installs only what serving needs.
$(VENV)/ready-%: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or later is needed; '$(PYTHON)' is not: install it, or name one with PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: on Debian and Ubuntu, 'apt install python3-venv'"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.$(if $(filter-out serve,$*),[$*])'
	@touch $@

# A port given to make itself comes before the environment's DIGITS_PORT and PORT, which the service reads.
serve: $(VENV)/ready-serve  ## the service on port 8000 (PORT=, MODEL=, WORKERS=)
	@$(if $(findstring command,$(origin PORT)),DIGITS_PORT=$(PORT)) $(if $(MODEL),DIGITS_MODEL=$(MODEL)) $(if $(WORKERS),DIGITS_WORKERS=$(WORKERS)) $(BIN)/python -m app

# On the machine's cores, but no more than four processes, which take 1 GB each; ARGS="-n 0" for one.
PYTEST = $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal

test: $(VENV)/ready-test  ## every test that needs no download and is marked neither long nor heavy (ARGS= for pytest)
	@$(PYTEST) -m "not long and not heavy" $(ARGS)

test-all: $(VENV)/ready-test  ## every test that needs no download and is not marked heavy
	@$(PYTEST) -m "not heavy" $(ARGS)

test-heavy: $(VENV)/ready-test  ## the tests marked heavy, one at a time: three minutes
	@$(PYTEST) -n 0 -m heavy $(ARGS)

lint: $(VENV)/ready-test
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(VENV)/ready-test
	@$(BIN)/mypy

check:  ## lint, types and all tests but the heavy ones: what CI runs
	@for part in lint types test-all; do $(MAKE) --no-print-directory $$part || { echo "make check: $$part failed" >&2; exit 1; }; done

docs: $(VENV)/ready-test  ## writes the generated parts of README.md and docs anew
	@$(BIN)/python -m cogapp -r -I . -I scripts README.md docs/*.md

data: $(VENV)/ready-train  ## MNIST into data/mnist (SOURCE=folder or URL)
	@$(BIN)/python scripts/fetch_data.py $(if $(SOURCE),--source $(SOURCE)) $(ARGS)

train: $(VENV)/ready-train  ## trains MODEL (cnn unless told)
	@$(BIN)/python scripts/train.py --model $(or $(MODEL),cnn) $(ARGS)

evaluate: $(VENV)/ready-train  ## scores MODEL, an artifact, on MNIST's test images
	@$(BIN)/python scripts/evaluate.py $(or $(MODEL),model/weights/cnn.npz) $(ARGS)

compare: $(VENV)/ready-train  ## every method in one table, into data/comparison
	@$(BIN)/python scripts/compare.py $(ARGS)

bench: $(VENV)/ready-bench  ## the shipped network beside ONNX Runtime, one thread each
	@$(BIN)/python scripts/benchmark.py forward $(ARGS)

bench-serve: $(VENV)/ready-bench  ## the service beside its peers under load (ARGS="--connections 1 16")
	@$(BIN)/python scripts/benchmark.py serve $(ARGS)

bench-page: $(VENV)/ready-test  ## the page in Chromium: until it is shown, and until a stroke is read (ARGS="--rounds 10")
	@$(BIN)/python scripts/time_page.py $(ARGS)

bench-neighbours: $(VENV)/ready-bench  ## knn and knn-pca beside scikit-learn; needs both trained
	@$(BIN)/python scripts/benchmark_neighbours.py data/models/knn.npz data/models/knn-pca.npz $(ARGS)

bench-archive: $(VENV)/ready-test  ## what reading an archive costs, for docs/scale.md; needs MNIST (ARGS="--rounds 1")
	@$(BIN)/python scripts/bench_archive.py $(ARGS)

fuzz: $(VENV)/ready-test  ## broken images of every type, read in this process (ARGS="--count 1000")
	@$(BIN)/python scripts/fuzz.py $(ARGS)

soak: $(VENV)/ready-test  ## good and bad pictures for ten minutes: does memory stay the same? (ARGS="--minutes 1")
	@$(BIN)/python scripts/soak.py $(ARGS)

crowd: $(VENV)/ready-test  ## 256 connections for a minute, then 16 pictures of 25 megapixels at once (ARGS="--seconds 5")
	@$(BIN)/python scripts/crowd.py $(ARGS)

stalls: $(VENV)/ready-test  ## large and hostile bodies: how long is the event loop busy? (ARGS="--bodies json")
	@$(BIN)/python scripts/stalls.py $(ARGS)

rolling-restart: $(VENV)/ready-test  ## two services behind the proxy of deploy/, ended in turn under load; needs haproxy (ARGS="--seconds 10")
	@$(BIN)/python scripts/rolling_restart.py $(ARGS)

lock: $(VENV)/ready-test  ## writes requirements.lock anew, with the newest versions
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --upgrade --no-header --no-annotate --python-version 3.11 --all-extras --no-emit-package postal-digits -o requirements.lock pyproject.toml

clean:  ## removes what was installed
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info

seeds: $(VENV)/ready-train  ## the lesson's recipe over seeds 1 to 5, on MNIST's test images
	@for seed in 1 2 3 4 5; do $(BIN)/python scripts/train.py --model two-layer-seed --seed $$seed --out data/models/two-layer-seed-$$seed.npz && $(BIN)/python scripts/evaluate.py data/models/two-layer-seed-$$seed.npz --json || exit 1; done
