# What CI calls, and what you call before a commit. `make help` lists the targets.
PY := .venv/bin/python

.PHONY: help setup check format lint types imports test bench lock

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## make .venv with everything in it
	./emulator.sh --help >/dev/null

check: lint types imports ## everything that needs no running service
	$(PY) -m pytest -q tests/unit

format: ## format the code
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lint: ## style and likely mistakes
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: ## strict types in src
	$(PY) -m mypy

imports: ## imports run one way
	.venv/bin/lint-imports

test: ## every ring of tests, with the local cloud where needed
	./emulator.sh test

bench: ## all benchmarks; bench/README.md says how to read them
	$(PY) -m bench

lock: ## pin what pyproject.toml asks for (needs uv)
	uv pip compile -q --no-header --no-emit-index-url --no-annotate --extra dev pyproject.toml -o requirements-dev.txt
	sed -i '/^-e/d;/^reelgate/d' requirements-dev.txt
	for f in upload library finalize reset_daily; do uv pip compile -q --no-header --no-emit-index-url --no-annotate \
	  --constraint requirements-dev.txt --extra function --extra storage --extra events pyproject.toml -o functions/$$f/requirements.txt; done
	uv pip compile -q --no-header --no-emit-index-url --no-annotate --constraint requirements-dev.txt \
	  --extra function --extra events --extra accounts pyproject.toml -o functions/accounts/requirements.txt
	for f in stream_url usage audit notify; do uv pip compile -q --no-header --no-emit-index-url --no-annotate \
	  --constraint requirements-dev.txt --extra function --extra events pyproject.toml -o functions/$$f/requirements.txt; done
	uv pip compile -q --no-header --no-emit-index-url --no-annotate --constraint requirements-dev.txt \
	  --extra function --extra storage --extra events --extra convert pyproject.toml -o functions/convert/requirements.txt
