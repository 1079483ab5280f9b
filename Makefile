# `make nightly` and `make test` are all that a newcomer needs; the rest is listed by `make help`.
#   make nightly INBOX=/data/inbox CONFIG=/data/partnership STATE=/data/state
# runs a partnership's own; IOM_DATABASE_URL points it at a PostgreSQL 18 server of your own.

PYTHON ?= python3.11
UV_VERSION := 0.13.9
UV := .uv/bin/uv
STATE ?= .state

# Handed on as they are, since make splits paths at spaces; a relative one counts from the checkout.
export IOM_STATE_DIR := $(STATE)
ifdef INBOX
export IOM_INBOX := $(INBOX)
endif
ifdef CONFIG
export IOM_CONFIGURATION_DIR := $(CONFIG)
endif
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never

.PHONY: help env nightly test suite up down bench lint clean

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

env: .venv/.done  ## the Python environment, as uv.lock pins it

$(UV):
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.done: uv.lock pyproject.toml | $(UV)
	$(UV) sync --frozen --compile-bytecode --quiet --python $(PYTHON)
	touch $@

nightly: env  ## load, check and build every waiting night; makes a sample partnership if no INBOX is given
	.venv/bin/iom nightly

up: env  ## the same with Airflow's scheduler and UI, on loopback behind a login
	.venv/bin/iom up --port $(or $(PORT),8080)

down: env  ## stop Airflow's services and the database of this state
	.venv/bin/iom down

test: env  ## everything, on two cores
	@$(MAKE) --no-print-directory --jobs=2 lint suite

suite: env
	env -u MAKEFLAGS .venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore=tests/bench

lint: env
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/yamllint --strict expectations docker docker-compose.yml

bench: env  ## speed and memory as ratios
	.venv/bin/pytest -m bench tests/bench tests/acceptance -s

clean:  ## remove the state directory, stopping what runs in it
	@if [ -e "$$IOM_STATE_DIR" ] && [ ! -f "$$IOM_STATE_DIR/.iom-state" ]; then \
		echo "$$IOM_STATE_DIR holds no .iom-state, so no run of this warehouse made it: remove it yourself." >&2; exit 1; fi
	[ ! -x .venv/bin/iom ] || .venv/bin/iom down
	rm -rf -- "$$IOM_STATE_DIR"
