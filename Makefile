# `make demo` and `make test` do all the set-up themselves, from a bare clone; `make help` lists the rest.

VENV ?= .venv
OTHER_VENV ?= .venv-other
PYTEST_ARGS ?=
DEMO_ARGS ?=
LOCK_ARGS ?=
SYSTEM_PACKAGES ?= bubblewrap
TEST_PACKAGES ?= chromium postgresql podman runc
FULL_PACKAGES ?= node-configurable-http-proxy r-cran-irkernel
BENCH_ARGS ?=

# The interpreter may be named: make PYTHON=/path/to/python3.12
export PYTHON
# Where this is set, each of the hundreds of commands that the tests run would compile the package and the tests anew.
unexport PYTHONDONTWRITEBYTECODE

READY := $(VENV)/ready
OTHER_READY := $(OTHER_VENV)/ready
# One more than there are processors: much of a test is waiting. `loadgroup`: tests that share a course stay together,
# and are begun in the order in which tests/conftest.py puts them.
PYTEST = $(VENV)/bin/pytest -n $$(($$(nproc) + 1)) --dist loadgroup --no-loadscope-reorder

.PHONY: help demo test-fast test suite fast-suite test-full coverage certify bench wheel lint format setup system-packages test-packages full-packages \
  gone lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: setup ## each assignment's class through the whole nbgrader circle
	$(VENV)/bin/autograder demo $(DEMO_ARGS)

test-fast: setup ## lint, and the tests that start no walls, browser or server: about a minute
	$(MAKE) --jobs=2 lint fast-suite

test: test-packages ## lint, and the whole test suite: nine to ten minutes on two cores
	$(MAKE) --jobs=2 lint suite

suite:
	$(PYTEST) $(PYTEST_ARGS)

fast-suite:
	$(PYTEST) -n $$(nproc) -m "not slow and not full" $(PYTEST_ARGS)

test-full: full-packages test-packages lint ## the same with the full counts
	$(PYTEST) -m "full or not full" --hypothesis-profile=full $(PYTEST_ARGS)

coverage: test-packages ## the test suite, and the lines that it does not reach: half an hour
	rm -f .coverage .coverage.*
	-$(VENV)/bin/coverage run --data-file=$(CURDIR)/.coverage -m pytest -n $$(nproc) --dist loadgroup --no-loadscope-reorder $(PYTEST_ARGS)
	$(VENV)/bin/coverage combine --quiet
	$(VENV)/bin/coverage report

certify: setup ## judge everything known to be right or wrong, and write docs/certificate-*.md
	$(VENV)/bin/autograder certify neuron
	$(VENV)/bin/autograder certify network

bench: setup ## submissions a minute, beside stock nbgrader in the same run
	$(VENV)/bin/python benchmarks/throughput.py --assignment neuron network ps1 $(BENCH_ARGS)

wheel: setup ## dist/: the wheel, which pip installs, and the sources that it is built of
	$(VENV)/bin/python -m hatchling build -t sdist -t wheel

lint: setup ## ruff, mypy, and which package may import which
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

format: setup ## rewrite the code as ruff wants it
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

setup: system-packages $(READY) ## the virtual environment and Debian's packages, as demo and test need them

# Asked every time, for it takes milliseconds where nothing is missing.
system-packages:
	@sh .ci/system-packages $(SYSTEM_PACKAGES)

test-packages: setup $(OTHER_READY)
	@sh .ci/system-packages $(TEST_PACKAGES)

full-packages:
	@sh .ci/system-packages $(FULL_PACKAGES)

# A second environment, with another NumPy: the kernel of notebooks in the tests.
$(OTHER_READY): $(READY) tests/other-environment.lock .ci/other-environment
	@sh .ci/other-environment $(VENV) $(OTHER_VENV)
	@touch $@

# Done again when what it is made from changes, when its interpreter is gone, or when this is a copy of another clone.
$(READY): requirements.lock pyproject.toml .ci/virtual-environment \
  $(shell test -x $(VENV)/bin/python && test "$$(cat $(VENV)/made-in 2>&1)" = "$$PWD" || echo gone)
	@sh .ci/virtual-environment $(VENV)
	@touch $@

lock: ## write requirements.lock anew; LOCK_ARGS=--upgrade for the newest versions
	@sh .ci/virtual-environment $(VENV) uv
	$(VENV)/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --quiet $(LOCK_ARGS) \
	  --group dev --output-file requirements.lock pyproject.toml
	$(VENV)/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --quiet $(LOCK_ARGS) \
	  --output-file tests/other-environment.lock tests/other-environment.in

clean: ## what make and the tools made; never the course: marks and submissions stay
	rm -rf $(VENV) $(OTHER_VENV) demo-course build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find autograder tests -name __pycache__ -type d -prune -exec rm -rf {} +
