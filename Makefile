PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-all lint check lock

run: .venv/ready
	$(BIN)/aicompute run

test: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow" tests

test-all: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint -q sql

check: lint test-all

# The whole environment comes from the lock file, checked by hash; uv, itself in the lock, installs it with bytecode.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch .venv/ready

lock:
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock
