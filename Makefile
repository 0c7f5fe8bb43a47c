# Everything a contributor runs. Each target makes the environment that it needs.

PYTHON ?= python3
# Sphinx 9.2 needs Python 3.13: the newest Sphinx is that of the newest Python on this machine.
NEWEST_PYTHON ?= $(or $(shell for p in python3.13 python3.12 python3.11; do $$p -c '' 2>/dev/null && echo $$p && break; done),$(PYTHON))
VENVS := build/venv
SPHINXOPTS ?= -W --keep-going
BUILDER ?= html
PYTESTFLAGS ?= -n auto --dist loadfile
BENCHFLAGS ?=
FUZZFLAGS ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# An environment is made anew when the project's metadata change.
define make_environment
	@$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sphinx-statestores needs Python 3.11 or newer, and $(1) is " + sys.version.split()[0] + ": say make PYTHON=...")'
	rm -rf $(2)
	$(1) -m venv $(2)
	$(2)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(2)/bin/python -m pip install --quiet --disable-pip-version-check --editable . $(3)
	touch $(2)/ready
endef

$(VENVS)/docs/ready: pyproject.toml
	$(call make_environment,$(PYTHON),$(VENVS)/docs,--group docs)

$(VENVS)/test/ready: pyproject.toml
	$(call make_environment,$(PYTHON),$(VENVS)/test,--group test)

$(VENVS)/lint/ready: pyproject.toml
	$(call make_environment,$(PYTHON),$(VENVS)/lint,--group lint)

$(VENVS)/bench/ready: pyproject.toml
	$(call make_environment,$(PYTHON),$(VENVS)/bench,--group bench)

$(VENVS)/oldest/ready: pyproject.toml tests/oldest.txt
	$(call make_environment,$(PYTHON),$(VENVS)/oldest,--group test --constraint tests/oldest.txt)

$(VENVS)/newest/ready: pyproject.toml
	$(call make_environment,$(NEWEST_PYTHON),$(VENVS)/newest,--group test --upgrade)

.PHONY: docs
docs: $(VENVS)/docs/ready ## build the documentation site, the demonstration on 124 stores
	$(VENVS)/docs/bin/python -m sphinx -q -b $(BUILDER) -d build/docs/doctrees $(SPHINXOPTS) docs build/docs/$(BUILDER)
	@echo "The site is at build/docs/$(BUILDER)/index.html"

.PHONY: pdf
pdf: $(VENVS)/docs/ready ## build the documentation as a PDF; needs LaTeX with latexmk
	$(VENVS)/docs/bin/python -m sphinx -q -b latex -d build/docs/doctrees $(SPHINXOPTS) docs build/docs/latex
	$(MAKE) -C build/docs/latex LATEXMKOPTS="-interaction=nonstopmode -halt-on-error -silent"
	@echo "The PDF is build/docs/latex/sphinx-statestores.pdf"

.PHONY: generate-docs
generate-docs: $(VENVS)/docs/ready ## refresh the generated files that the registry declares, and both JSON Schemas
	$(VENVS)/docs/bin/statestores generate outputs
	$(VENVS)/docs/bin/statestores schema > schemas/state-stores.schema.json
	$(VENVS)/docs/bin/python -m sphinx_statestores.export.json_schema > schemas/registry-export.schema.json
	cp schemas/registry-export.schema.json src/sphinx_statestores/export/registry-export.schema.json

.PHONY: catalogues
catalogues: $(VENVS)/test/ready ## extract the words on pages, and refresh and compile their translations
	PYTHONPATH=tests $(VENVS)/test/bin/python -m catalogues

.PHONY: screenshots
screenshots: docs chromium ## take the screenshot of the README again
	$(VENVS)/test/bin/python -m docs.screenshots build/docs/html docs/images

.PHONY: chromium
chromium: $(VENVS)/test/ready ## see to it that there is a Chromium for the tests
	@.ci/install-chromium $(VENVS)/test/bin/python

.PHONY: servers
servers: ## see to it that there are a Redis and a MariaDB server for the tests
	@.ci/install-servers

.PHONY: test
test: $(VENVS)/test/ready chromium servers ## run the whole test suite
	$(VENVS)/test/bin/python -m pytest $(PYTESTFLAGS)

.PHONY: fuzz
fuzz: SECONDS ?= 3600
fuzz: $(VENVS)/test/ready ## feed random input to everything, for an hour: SECONDS=60, SEED=7, FUZZFLAGS=FILE
	PYTHONPATH=tests:tests/fuzz:. $(VENVS)/test/bin/python -m fuzz_run --seconds $(SECONDS) --seed "$(SEED)" $(FUZZFLAGS)

.PHONY: bench
bench: $(VENVS)/bench/ready ## measure builds, against the same site without tables and against other ways to make it
	@.ci/install-chromium $(VENVS)/bench/bin/python || echo "Without Chromium, pages are not looked at"
	$(VENVS)/bench/bin/python -m benchmarks $(BENCHFLAGS)

.PHONY: test-matrix
test-matrix: $(VENVS)/oldest/ready $(VENVS)/newest/ready chromium servers ## run the suite with the oldest and the newest Sphinx
	$(VENVS)/oldest/bin/python -m pytest $(PYTESTFLAGS)
	$(VENVS)/newest/bin/python -m pytest $(PYTESTFLAGS)

.PHONY: lint
lint: $(VENVS)/lint/ready ## check style and types
	$(VENVS)/lint/bin/ruff format --check .
	$(VENVS)/lint/bin/ruff check .
	$(VENVS)/lint/bin/mypy

.PHONY: wheel
wheel: $(VENVS)/test/ready ## build the wheel and run the command from it, without the source tree
	rm -rf build/wheel && mkdir -p build/wheel
	$(VENVS)/test/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/wheel .
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check build/wheel/*.whl
	cd build/wheel && venv/bin/statestores generate markdown ../../schemas/state-stores.yaml > /dev/null
	cd build/wheel && venv/bin/python -c 'import pathlib, sphinx_statestores.sphinx_ext as ext; folder = pathlib.Path(ext.__file__).parent; assert (folder / "static/statestores.css").is_file() and list(folder.glob("locale/*/LC_MESSAGES/*.mo"))'

.PHONY: clean
clean: ## remove everything that was built, environments too
	rm -rf build dist
