# What CI calls, and what you call before a commit. `make help` lists the targets.
PY := .venv/bin/python
CHECKOV := .local/checkov-3.3.30/bin/checkov
MKDOCS := .local/mkdocs-1.6.1/bin/mkdocs
LOCUST := .local/locust-2.47.0/bin/locust
# With hashes: what is built in the cloud is what was tested, byte for byte.
LOCK := uv pip compile -q --python-version 3.13 --no-header --no-emit-index-url --no-annotate --generate-hashes --constraint requirements-dev.txt --extra function

# One process per core; tests/conftest.py says which tests stay together.
PARALLEL := -n auto --maxprocesses 4
# Else each of these processes compiles all tests at each run; images of containers often set it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup check unit format lint types imports test chaos chaos-smallest conformance terraform scan bench bench-smallest openapi docs-site image lock sync-client

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## make .venv with everything in it
	./emulator.sh --help >/dev/null

check: ## everything that needs no running service
	@$(MAKE) --no-print-directory -j 2 lint imports types unit

sync-client:
	@$(PY) clients/python/make_sync.py

unit: sync-client ## the unit tests
	$(PY) -m pytest -q -p no:schemathesis $(PARALLEL) tests/unit

format: ## format the code
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lint: ## style and likely mistakes
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: sync-client ## strict types in src, ops, localcloud and clients/python
	$(PY) -m mypy
	$(PY) -m mypy --config-file localcloud/pyproject.toml
	$(PY) -m mypy --config-file clients/python/pyproject.toml

imports: ## imports run one way
	.venv/bin/lint-imports

test: ## every ring of tests, with the local cloud where needed
	./emulator.sh test

conformance: ## Google's own suites of its clients against the storage emulator; says so if their checkouts are not named
	$(PY) -m tests.conformance_suites

chaos: ## users in parallel over a system that breaks, for a quarter of an hour; then everything is checked (docs/reliability.md)
	$(PY) -m tests.chaos --seconds 900

chaos-smallest: ## the same in two minutes
	$(PY) -m tests.chaos --seconds 60

terraform: ## format, validity, plans and whole lives of both examples; says so if neither registry nor stand-ins are there
	$(PY) -m pytest -q -rs $(PARALLEL) tests/terraform

scan: ## static security scan of terraform/; every finding is answered there in writing
	test -x $(CHECKOV) || { $(PY) -m venv $(dir $(CHECKOV)).. && $(dir $(CHECKOV))pip install -q --no-compile checkov==3.3.30; }
	$(CHECKOV) --config-file terraform/.checkov.yaml

bench: $(LOCUST) ## all benchmarks; bench/README.md says how to read them
	$(PY) -m bench

bench-smallest: $(LOCUST) ## each benchmark once at its smallest size, to see that it works
	$(PY) -m bench --smallest

$(LOCUST): bench/load/requirements.txt
	$(PY) -m venv $(dir $@)..
	$(dir $@)pip install -q --no-compile --disable-pip-version-check -r $<
	touch $@

openapi: ## make openapi.yaml from the route tables
	$(PY) -m ops.openapi

docs-site: $(MKDOCS) ## build the documentation site, with the API reference, in .local/docs-site/site
	$(dir $(MKDOCS))python ops/docs_site/build_site.py

image: ## build the image of Dockerfile, and look for all that ./emulator.sh needs in it; says so if there is no container engine
	@ops/container_image.sh

$(MKDOCS): ops/docs_site/requirements.txt
	$(PY) -m venv $(dir $@)..
	$(dir $@)pip install -q --no-compile --disable-pip-version-check -r $<
	touch $@

lock: ## pin what pyproject.toml asks for (needs uv)
	uv pip compile -q --python-version 3.12 --no-header --no-emit-index-url --no-annotate --extra dev --extra demo pyproject.toml localcloud/pyproject.toml clients/python/pyproject.toml -o requirements-dev.txt
	sed -i '/^-e/d;/^reelgate/d' requirements-dev.txt
	for f in upload library finalize reset_daily settle_egress; do $(LOCK) --extra storage pyproject.toml -o functions/$$f/requirements.txt; done
	for f in stream_url usage audit notify console; do $(LOCK) pyproject.toml -o functions/$$f/requirements.txt; done
	$(LOCK) --extra accounts pyproject.toml -o functions/accounts/requirements.txt
	$(LOCK) --extra storage --extra convert pyproject.toml -o functions/convert/requirements.txt
