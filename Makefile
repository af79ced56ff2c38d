# Every target calls a tool or `python -m mapping …`; nothing is decided here. Without make: see README.md.
PYTHON := .venv/bin/python
MAPPING = $(PYTHON) -m mapping $(if $(IN),--workspace "$(IN)")

.DEFAULT_GOAL := help
.PHONY: help setup rebuild check audit demo test lab notebooks bench study-coverage study-mutation study-replay study-small-area study-detection study-faults bundle docs sbom lock clean

help: ## this menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile
	@echo "  options: WAVE=2026 (rebuild this wave only), IN=build/demo (another workspace)"

setup: .venv/.ready ## make .venv from the locked versions (every other target does so when needed)

rebuild: .venv/.ready ## maps and reports of every wave in data/raw; without data, of the synthetic municipality
	@$(MAPPING) rebuild $(if $(WAVE),--wave "$(WAVE)")

check: .venv/.ready ## read the inputs and say what is wrong; write nothing
	@$(MAPPING) check

audit: .venv/.ready ## attack the written reports: can a withheld figure be worked out?
	@$(MAPPING) audit

demo: .venv/.ready ## write the synthetic municipality into build/demo
	@$(MAPPING) demo

test: .venv/.ready ## format, lint, types, import contracts and all tests
	@$(PYTHON) tests

lab: .venv/.ready ## JupyterLab on copies of the notebooks, in the owner-only folder; asks nothing of a network
	@$(PYTHON) notebooks $(if $(IN),--workspace "$(IN)")

notebooks: .venv/.ready ## run the notebooks; the results go to build/notebooks
	@$(PYTHON) notebooks run

bench: .venv/.ready ## how long things take, beside other programs
	@$(PYTHON) benchmarks

study-coverage: .venv/.ready ## how often the intervals hold the truth (half an hour); writes docs/coverage.md
	@$(PYTHON) benchmarks/coverage_study.py

study-mutation: .venv/.ready ## which faults in the estimates the tests would not notice (an hour or more)
	@$(PYTHON) benchmarks/mutation.py estimate.design_based tests/unit/estimate/design_based tests/oracle tests/properties

study-replay: .venv/.ready ## what running the program on every table that fits gives away; writes docs/replay.md
	@$(PYTHON) benchmarks/replay_study.py

study-small-area: .venv/.ready ## small-area models where the truth is known (a quarter of an hour); writes docs/small_areas.md
	@OPENBLAS_NUM_THREADS=1 $(PYTHON) benchmarks/small_area_study.py

study-detection: .venv/.ready ## persons known beside the survey, where the truth is known (a minute); writes docs/detection.md
	@$(PYTHON) benchmarks/detection_study.py

study-faults: .venv/.ready ## kill rebuilds at 400 moments and look at what they leave (an hour or more)
	@MAPPING_FAULTS=200 $(PYTHON) -m pytest tests/faults/test_killed.py --quiet

bundle: .venv/.ready ## fetch all that a Windows machine without network needs (PIP=python3: a Python that has pip)
	@$(PYTHON) -m mapping bundle --python "$(or $(PIP),python3)"

docs: ## the documents as a site, into build/site (needs mkdocs and mkdocstrings; decision 0015)
	@mkdocs build --quiet

sbom: ## the bill of materials (CycloneDX) of the locked versions, into build/ (needs uv)
	@mkdir -p build
	@uv export --frozen --quiet --no-dev --format cyclonedx1.5 --output-file build/sbom.cdx.json

lock: ## after a change of dependencies: write uv.lock and requirements.lock anew (needs uv)
	@uv lock --quiet
	@uv export --frozen --quiet --no-emit-project --all-groups --no-annotate --no-header --output-file requirements.lock

clean: ## remove what can be made again: build/ and caches (data, reports and .venv stay)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/.ready: pyproject.toml uv.lock requirements.lock .ci/setup
	@sh .ci/setup
