# Everything lives in .venv; uv is used where it is installed, plain venv and pip otherwise.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
export KULANZ_DATA_DIR ?= $(CURDIR)/data

.PHONY: setup run test check format lock messages clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.txt pyproject.toml
ifdef UV
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
else
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endif
	touch $@

run: setup
	$(BIN)/kulanz serve --demo

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy kulanz tests
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --extra dev pyproject.toml -o requirements-dev.txt

messages: setup
	cd kulanz && ../$(BIN)/python ../$(BIN)/django-admin makemessages --locale de --no-location --no-obsolete \
		--settings kulanz.settings.django
	$(BIN)/pybabel compile --domain django --directory kulanz/locale --locale de

clean:
	rm -rf $(VENV) build *.egg-info
