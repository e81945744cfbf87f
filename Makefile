# Run, test and check Aftercare. `make help` lists the targets. Nothing here asks a question.

PYTHON ?= python3
PORT ?= 8000
VENV ?= .venv
WORKERS ?= 2
EMBEDDED_WORKERS ?= $(WORKERS)
ARGS ?=
export PYTHONDONTWRITEBYTECODE =  # where it is set, each process of the tests would compile every module again

PY = $(VENV)/bin/python
INSTALL = $(PYTHON) install.py $(VENV)
SERVERS = $(PY) -m tests.servers run
PYTEST = $(PY) -m pytest
COMPILE = $(PY) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-header --no-emit-index-url --no-emit-find-links

# What a real installation would set, so that `check --deploy` judges that and not this machine.
AS_DEPLOYED = SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	DEBUG=false DEMO=false MESSAGES=live ALLOWED_HOSTS=clinic.example.org PUBLIC_URL=https://clinic.example.org \
	BEHIND_PROXY=true DATABASE_URL=postgres://aftercare:unused@127.0.0.1/aftercare \
	REDIS_URL=redis://127.0.0.1:6379/0 EMAIL_HOST=mail.example.org TWILIO_ACCOUNT_SID=unused \
	TWILIO_API_KEY=unused TWILIO_API_SECRET=unused TWILIO_AUTH_TOKEN=unused
ALONE = DATABASE_URL=sqlite://:memory: REDIS_URL=

.PHONY: help run test test-full test-service test-embedded check lint types imports migrations deploy api bench bench-callbacks bench-search bench-moves bench-imports bench-faults faults mutants screenshots lock fmt clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run-stamp  ## try it: a clinic with invented patients on this machine (PORT=8000)
	DEMO=1 PUBLIC_URL=http://localhost:$(PORT) $(PY) manage.py embedded --port $(PORT)

test: test-service test-embedded  ## all tests: on real PostgreSQL and Redis, then the embedded part again (ARGS="-k words")

test-full: export TESTS = full
test-full: export PYTEST_TIMEOUT = 0  # long by intention
test-full: test  ## the same with long simulations, many more examples and the benchmarks (docs/performance.md)

test-service: $(VENV)/.dev-stamp
	$(SERVERS) --migrated -- $(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

test-embedded: $(VENV)/.dev-stamp
	$(SERVERS) --embedded -- $(PYTEST) -n $(EMBEDDED_WORKERS) --dist worksteal -m embedded $(ARGS)

check: lint types imports migrations deploy api  ## form, types, imports, migrations, deployment settings, the API's description

lint: $(VENV)/.dev-stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m tests.layout

types: $(VENV)/.dev-stamp
	$(PY) -m mypy

imports: $(VENV)/.dev-stamp
	$(VENV)/bin/lint-imports

migrations: $(VENV)/.dev-stamp
	$(ALONE) $(PY) manage.py makemigrations --check --dry-run

deploy: $(VENV)/.dev-stamp
	@echo "manage.py check --deploy"
	@$(AS_DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING

api: $(VENV)/.dev-stamp
	$(ALONE) $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

bench: $(VENV)/.dev-stamp  ## how many reminders a second leave, against the limits of this machine
	$(SERVERS) -- $(PY) -m bench $(ARGS)

bench-callbacks: $(VENV)/.dev-stamp  ## 200 status callbacks a second into real web workers beside a drain (ARGS="--rate 300")
	$(SERVERS) -- $(PY) -m bench.callbacks $(ARGS)

bench-search: $(VENV)/.dev-stamp  ## how long a search takes among 100,000 patients (ARGS="--patients 10000")
	$(SERVERS) -- $(PY) -m bench.search $(ARGS)

bench-moves: $(VENV)/.dev-stamp  ## a protocol's patients to its new version, killed half-way (ARGS="--patients 10000")
	$(SERVERS) -- $(PY) -m bench.moves $(ARGS)

bench-imports: $(VENV)/.dev-stamp  ## patients and operations from files, against the build before and against COPY (ARGS="--rows 2000")
	$(SERVERS) -- $(PY) -m bench.imports $(ARGS)

faults: $(VENV)/.dev-stamp  ## break everything while it sends, and let the provider's ledger judge (ARGS=short for a quick one)
	$(PY) -m tests.faults $(ARGS)

bench-faults: $(VENV)/.dev-stamp  ## the usual design and this one under the same faults: how many are lost, how many doubled
	$(PY) -m bench.faulty $(ARGS)

mutants: $(VENV)/.dev-stamp  ## take each rule out in turn: do its tests notice? (ARGS="-k consent" for some; Ctrl-C, then on)
	$(SERVERS) -- $(PY) -m tests.mutants $(ARGS)

fmt: $(VENV)/.dev-stamp  ## put the code into form
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .

screenshots: $(VENV)/.dev-stamp  ## take the README's pictures again, of a demo clinic of their own (needs Chromium)
	$(PY) -m tests.screenshots

lock: $(VENV)/.dev-stamp  ## compile requirements*.in again (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) requirements-uv.in --output-file requirements-uv.txt
	$(COMPILE) $(ARGS) requirements.in --output-file requirements.txt
	$(COMPILE) $(ARGS) requirements-dev.in --output-file requirements-dev.txt

clean:  ## remove the environment, the caches and all data of `make run`
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environment: made when missing, filled again when its lock changed.

$(VENV)/.run-stamp: requirements.txt requirements-uv.txt install.py
	@$(INSTALL) requirements.txt
	@touch $@

$(VENV)/.dev-stamp: requirements-dev.txt requirements-uv.txt install.py
	@$(INSTALL) requirements-dev.txt
	@touch $@
