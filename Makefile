# Every target sets itself up: a virtual environment in .venv, filled by plain pip from one constraints file.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Two busy OpenMP pools on two cores are many times slower than one thread each.
export OMP_NUM_THREADS ?= 1

.PHONY: grade test test-fast test-nightly lint validate mutation validate-quick train bench release docs pictures examples check-pins clean

grade: $(READY)
	$(BIN)/python scripts/grade_examples.py --out grades

# Files in the order of tests/conftest.py, not the most numerous tests first: what is slow comes early, and no process
# waits at the end.
XDIST := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(READY)
	$(BIN)/pytest $(XDIST)

test-fast: $(READY)
	$(BIN)/pytest $(XDIST) -m "not slow"

# What each run leaves out: further machines, and in process what `validate` grades.
test-nightly: $(READY)
	$(BIN)/pytest $(XDIST) -m nightly

# Plants small faults one at a time and counts those that no test notices; about half an hour of one core.
mutation: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[mutation]'
	rm -rf mutants
	$(BIN)/mutmut run --max-children 1
	$(BIN)/mutmut results --all true | $(BIN)/python scripts/mutation_score.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

validate: $(READY)
	$(BIN)/autograder validate

validate-quick: $(READY)
	$(BIN)/autograder validate --quick

train: $(READY)
	$(BIN)/hw-cnn fit --config digits

bench: $(READY)
	$(BIN)/python -m benchmarks

release: $(READY)
	$(BIN)/autograder release seminar_cnn --out release/seminar_cnn --lang ru

examples: $(READY)
	$(BIN)/python scripts/build_examples.py

# The map of docs/architecture.md, from the imports. What else scripts/pictures draws takes measurements or Chromium.
pictures: $(READY)
	$(BIN)/python -m scripts.pictures.architecture

docs: $(READY)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[docs]'
	$(BIN)/sphinx-build -W -b html docs build/docs

# Needs pip only: it says which pins are bad where the set-up below fails because of them.
check-pins: | $(BIN)/python
	$(BIN)/python scripts/check_pins.py

$(BIN)/python:
	$(PYTHON) -m venv .venv

$(READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up .venv (about 6 GB with the default build of torch; README says how to take the CPU build)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable '.[dev]'
	@# pip would take one core; some files are no Python 3, and newer Pythons warn of what is not ours.
	@PYTHONWARNINGS=ignore $(BIN)/python -m compileall -qq -j 0 .venv/lib || true
	touch $(READY)

clean:
	rm -rf .venv build dist grades release validation mutants
