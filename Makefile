# make .venv   the environment: the package and the test tools, nothing trained
# make run     train the default photonic network on the embedded digits
# make test    ruff, mypy, pytest
# make bench   the speed and memory comparisons
# make clean   remove the environment and caches; runs stay
#
# Needs Python >= 3.11 and make. Another interpreter: make PYTHON=/path/to/python3.12 run

PACKAGES := photon_relax devices circuits validation
SOURCES := $(PACKAGES) tests benchmarks examples
BIN := .venv/bin
STAMP := .venv/.installed

# The steps share one environment and two cores: nothing here gains from running side by side,
# and "make -j clean test" must not delete what it is installing.
.NOTPARALLEL:
.PHONY: .venv run test lint types unit bench clean
.DEFAULT_GOAL := run

.venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt photon_relax/version.py
	@set -e; \
	found=""; \
	for candidate in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  [ -n "$$candidate" ] || continue; \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    found="$$candidate"; break; \
	  fi; \
	  if [ "$$candidate" = "$(PYTHON)" ]; then \
	    echo "PYTHON=$$candidate is not a Python of version 3.11 or later" >&2; exit 1; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "photon_relax needs Python 3.11 or later, and none was found on the PATH." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; \
	fi; \
	echo "Installing photon_relax and its test tools into .venv ($$("$$found" -V)) ..."; \
	[ -x $(BIN)/python ] || "$$found" -m venv .venv; \
	$(BIN)/python -m pip install -q --disable-pip-version-check \
	  -c constraints.txt -e '.[test]'; \
	touch $@

run: $(STAMP)
	$(BIN)/photon-relax train digits

test: lint types unit

# A tool that looked at no files passes too: each step compares what it saw with what is there.
lint: $(STAMP)
	@there=$$(find $(SOURCES) -name '*.py' | wc -l); \
	seen=$$($(BIN)/ruff check --show-files $(SOURCES) | grep -c '\.py$$'); \
	if [ "$$there" -eq 0 ] || [ "$$seen" -lt "$$there" ]; then \
	  echo "ruff sees $$seen of $$there Python files" >&2; exit 1; \
	fi
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(STAMP)
	@there=$$(find $(PACKAGES) -name '*.py' | wc -l); \
	if ! answer=$$($(BIN)/mypy); then echo "$$answer"; exit 1; fi; \
	echo "$$answer"; \
	seen=$$(echo "$$answer" | sed -n 's/.*no issues found in \([0-9]*\) source file.*/\1/p'); \
	if [ "$${seen:-0}" -lt "$$there" ] || [ "$$there" -eq 0 ]; then \
	  echo "mypy saw $${seen:-0} of $$there Python files" >&2; exit 1; \
	fi

# tests/conftest.py fails the run when a test file contributes no test.
unit: $(STAMP)
	$(BIN)/python -m pytest -q

bench: $(STAMP)
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
