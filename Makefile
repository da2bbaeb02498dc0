# Every target installs what it needs; nothing but Python >= 3.11, Go, git and root (for the cluster) is expected.
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python
# Tests start hundreds of Python programs; an environment that forbids bytecode has each compile all of them again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-cluster up down test test-matrix test-fast test-unit lint mutation audit bench docs site format release clean

help:            ## Show the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

# The program alone, which is all that the demo needs.
$(VENV)/.program: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(VENV)/bin/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed: $(VENV)/.program
	$(VENV)/bin/python -m pip install --quiet --group test --group lint
	touch $@

demo: $(VENV)/.program            ## The whole story on this machine: a release, a conflict, two pull requests
	$(RUN) -m tests.demo.local

demo-cluster: $(VENV)/.installed  ## The whole story on a real local cluster: a tag is pushed, a pull request opens
	$(RUN) -m tests.demo

up: $(VENV)/.installed            ## Start the local cluster (a second time: nothing to do)
	$(RUN) -m tests.cluster up

down: $(VENV)/.installed          ## Stop everything that up started
	$(RUN) -m tests.cluster down

test: lint audit                  ## All tiers: unit, git, apiserver, forge, cluster
	$(RUN) -m pytest --numprocesses 3 --durations 20

test-matrix: $(VENV)/.installed   ## Combinations that `make test` leaves out; the node's tests on Argo v3.7, then the local cluster has v4.0 again
	$(RUN) -m pytest --numprocesses 3 --durations 20 -m matrix
	RESYNC_ARGO_MODULE=argo-v3.7 $(RUN) -m pytest tests/cluster tests/e2e tests/apiserver/compile/test_template_argo_lint.py; \
	ended=$$?; $(RUN) -m tests.cluster up && exit $$ended

test-unit: $(VENV)/.installed     ## Unit tests without the random ones: nothing but Python, a few minutes
	$(RUN) -m pytest tests/unit --numprocesses auto -m 'not matrix and not hypothesis'

test-fast: $(VENV)/.installed     ## Unit tests and tests with this machine's git; nothing is built or installed
	$(RUN) -m pytest tests/unit tests/git -m 'not forge and not debian and not matrix'

lint: $(VENV)/.installed          ## Formatting, rules, types and the direction of imports
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

mutation: $(VENV)/.installed       ## What tests do not notice when the code is changed; MODULES="path…", JOBS=2
	$(RUN) -m tests.mutation --jobs $(or $(JOBS),2) $(MODULES)

audit: $(VENV)/.installed         ## The packages of others: known vulnerabilities, licences
	$(RUN) -m tests.dependencies.licences
	$(RUN) -m tests.dependencies.vulnerabilities

format: $(VENV)/.installed        ## Format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

docs: $(VENV)/.installed          ## Write the pages of docs/ that are generated: conditions, fields, gallery, figures
	$(RUN) -m tests.docs.conditions
	$(RUN) -m tests.docs.figures_controller
	$(RUN) -m tests.docs.figures_speed
	$(RUN) -m tests.docs.reference
	$(RUN) -m tests.docs.gallery

site: $(VENV)/.installed          ## Build the documentation as a site into site-html/; RESYNC_DOCS_REPOSITORY=https://… links sources there
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

# The program's own packages do not matter here; the tools that build are pinned in the group.
$(VENV)/.release: $(VENV)/.program
	$(VENV)/bin/python -m pip install --quiet --group release
	touch $@

release: $(VENV)/.release         ## Build what a release publishes into dist/; VERSION=1.2.3, IMAGE=registry/name:tag, SIGNING_KEY=key.pem, BUILDER=uri
	$(RUN) -m tests.release $(if $(VERSION),--version '$(VERSION)') $(if $(IMAGE),--image '$(IMAGE)') $(if $(SIGNING_KEY),--signing-key '$(SIGNING_KEY)') \
		$(if $(BUILDER),--builder '$(BUILDER)')

bench: $(VENV)/.installed         ## Measure; prints a table and writes bench.json; RESYNC_BENCH_LARGEST=100000 for larger repositories
	$(RUN) -m tests.bench

clean: down                       ## Remove the virtual environment
	rm -rf $(VENV)
