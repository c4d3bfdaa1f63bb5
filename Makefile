# `make demo` and `make test` do everything on a fresh machine; `make help` lists the rest.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
LESSON ?= 01-softmax
ARGS   ?=
ANOTHER := name another one, as in: make install PYTHON=python3.12

.DEFAULT_GOAL := help
.PHONY: help install demo lab test mutants messages translations release grade kit pictures bench ladder clean

help:            ## list the targets
	@awk -F ':.*## *' '/^[a-z]+:.*##/ { printf "%-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed   ## create .venv and install everything into it

$(VENV)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: $(ANOTHER)" >&2; exit 1; }
	@$(PYTHON) check_python.py "$(ANOTHER)"
	@[ ! -e $(BIN)/python ] || [ "$$($(BIN)/python -V)" = "$$($(PYTHON) -V)" ] || \
	    { echo "$(VENV) was made with $$($(BIN)/python -V), but $(PYTHON) is $$($(PYTHON) -V):" \
	      "give the same PYTHON= as before, or remove $(VENV)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	PYTHONWARNINGS=ignore::UserWarning $(BIN)/pip install --quiet --constraint constraints.txt --editable '.[film,instructor,test]'
	@touch $@

demo: install    ## grade three submissions of the first lesson and draw the trained network
	$(BIN)/python -m autograder.demo

lab: install     ## open JupyterLab on your copy of the lessons in work/ (never overwritten)
	$(BIN)/course lab

test: install    ## lint, check types, then run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist loadgroup -p no:benchmark $(ARGS)

mutants: install ## change each model answer a little, in every way: does its check notice?
	$(BIN)/python -m tests.mutants $(ARGS)

messages: install  ## bring translations/ up to date with the texts of the course
	$(BIN)/python -m autograder.building.catalogues update $(ARGS)

translations: install  ## compile the messages in translations/ into the packages
	$(BIN)/python -m autograder.building.catalogues compile

release: install ## source/ -> release/
	$(BIN)/autograder build $(ARGS)

grade: install   ## grade submitted/*/$(LESSON)
	$(BIN)/autograder grade $(LESSON) $(ARGS)

# LANGUAGE of the environment is something else: only that of the command counts.
kit: install     ## what an instructor gives to students, in kit/ (LANGUAGE=zh_CN: in Chinese)
	$(BIN)/python -m autograder.building.kit $(if $(filter command,$(origin LANGUAGE)),--language $(LANGUAGE))

pictures: install ## redraw the pictures of the README
	$(BIN)/python -m docs.make_pictures

bench: install   ## measure speeds side by side; writes docs/benchmarks.md (ARGS=benchmarks/test_live.py: its tables alone)
	@mkdir -p build
	$(BIN)/pytest -n 0 --benchmark-json build/benchmarks.json $(or $(ARGS),benchmarks); failed=$$?; \
	    $(BIN)/python -m benchmarks.table build/benchmarks.json; exit $$failed

ladder: install  ## train every network on the MNIST in COURSE_DIGITS; writes docs/ladder.md, docs/challenge.md
	$(BIN)/python -m benchmarks.ladder $(ARGS)
	$(BIN)/python -m benchmarks.challenge

clean:           ## remove what was built; never touches work/, submitted/ or gradebook.db
	rm -rf $(VENV) build dist kit demo *.egg-info .coverage* .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
