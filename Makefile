# Every command a person or CI runs. Each sets itself up first: see setup.sh.
.DEFAULT_GOAL := help
SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules # `make setup` would make a file of setup.sh
PYTHON := .venv/bin/python
VOICE ?=
SHORT ?=
FULL ?=
TERRAFORM ?=
PYTEST_ARGS ?=
WORKERS ?= 4
MESSAGES ?= 10000
COUNT ?= 10000
SEED ?= 20261128
MINUTES ?= 30
# Python keeps what it compiles, whatever the shell says: the tests start hundreds of processes that import the same.
export PYTHONDONTWRITEBYTECODE :=
LINTED := src localstack functions containers tests benchmarks demo docs/generators requirements

.PHONY: help demo up test slow-test check faults terraform-test terraform-command brokers-installed voices-installed format docs lock engine trace flood poison soak fuzz picture clients-test storage-clients-installed page-test page-vendor page-pictures package package-test image image-test demo-model demo-error-rate bench bench-engine hear scale everything clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/.local ## Send voice messages through the whole pipeline on this machine (VOICE=path.ogg for your own)
	@$(PYTHON) -m localstack demo $(if $(VOICE),--voice "$(VOICE)")

up: .venv/.local ## Run the whole pipeline until Ctrl-C (TELEGRAM_BOT_TOKEN=… for a real bot, TERRAFORM=1 for its bucket and queues by Terraform)
	@$(PYTHON) -m $(if $(TERRAFORM),tests.support.terraform,localstack) up

test: .venv/.dev brokers-installed voices-installed ## Run the tests that take ten minutes together
	@$(PYTHON) -m pytest -m "not slow" -n $(WORKERS) $(PYTEST_ARGS)

slow-test: .venv/.dev brokers-installed ## Run the others: every hop broken, every command started, many callers at once
	@$(PYTHON) -m pytest -m slow -n $(WORKERS) $(PYTEST_ARGS)

trace: .venv/.dev ## Count the files and moves of one voice message through the code
	@$(PYTHON) -m tests.support.trace

faults: .venv/.dev ## Run the fault tests alone: every hop of the pipeline broken, nothing lost and nothing said twice
	@$(PYTHON) -m pytest tests/faults -n $(WORKERS) $(PYTEST_ARGS)

terraform-test: terraform-command .venv/.dev build/checkov/.ready ## Rehearse both deployments by Terraform itself, without a cloud (needs the command terraform)
	terraform fmt -check -diff -recursive terraform
	terraform fmt -check -diff -recursive localstack/terraform
	$(PYTHON) -m pytest tests/terraform $(PYTEST_ARGS)

check: .venv/.dev ## Check style, types, imports between layers and generated documents
	.venv/bin/ruff check $(LINTED)
	.venv/bin/ruff format --check $(LINTED)
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(PYTHON) -m pisar.wiring.settings_doc --check docs/settings.md
	$(PYTHON) -m pisar.owner.costs --check docs/cloud.md
	$(PYTHON) -m benchmarks.scale_report --check
	$(PYTHON) -m benchmarks.goals --check
	$(PYTHON) -m benchmarks.hearing.report --check
	$(PYTHON) -m docs.generators.public_document --check src/pisar/web/openapi.json
	$(PYTHON) -m docs.generators.conversation_table --check docs/conversation.md
	$(PYTHON) -m docs.generators.lifecycle --check terraform/prefixes.json

format: .venv/.dev ## Format the code
	.venv/bin/ruff check --fix-only $(LINTED)
	.venv/bin/ruff format $(LINTED)

docs: .venv/.dev ## Generate docs/settings.md and conversation.md, what is told of costs, of scale, speed and hearing, and the API's public description
	$(PYTHON) -m pisar.wiring.settings_doc docs/settings.md
	$(PYTHON) -m pisar.owner.costs docs/cloud.md
	$(PYTHON) -m benchmarks.scale_report
	$(PYTHON) -m benchmarks.goals
	$(PYTHON) -m benchmarks.hearing.report
	$(PYTHON) -m docs.generators.public_document src/pisar/web/openapi.json
	$(PYTHON) -m docs.generators.conversation_table docs/conversation.md
	$(PYTHON) -m docs.generators.lifecycle terraform/prefixes.json

engine: ## Compile whisper.cpp for every CPU level into .venv, faster than the wheel's (needs g++; two to four minutes)
	@./setup.sh engine

bench: .venv/.dev brokers-installed ## Measure all that there are goals for, beside the peers (an hour on two cores)
	@./setup.sh engines
	$(PYTHON) -m benchmarks

hear: .venv/.dev ## Measure how well Pisar hears people, beside faster-whisper and whisper.cpp (half an hour on two cores; SHORT=1: eight minutes, FULL=1: two hours)
	@./setup.sh hearing
	$(PYTHON) -m benchmarks.hearing --size $(if $(FULL),full,$(if $(SHORT),short,usual))

bench-engine: .venv/.dev ## Measure builds and types of the engine against one another and faster-whisper (SIZE=base; half an hour)
	@./setup.sh engines
	$(PYTHON) -m benchmarks.engine --size $(or $(SIZE),base)

scale: .venv/.dev ## Simulate the deployment from 100 to a million voice messages a day, and draw docs/images/scale-*.svg (one to three minutes)
	@$(PYTHON) -m benchmarks.scale

flood: .venv/.local ## Send 300 voice messages from 50 chats within a minute, with Telegram refusing at random
	@$(PYTHON) -m tests.support.flood

poison: .venv/.dev brokers-installed ## Send 20 recordings that ffmpeg is killed for among 200 good ones over each broker (POISON=2/20 for fewer)
	PISAR_POISON=$(or $(POISON),20/200) $(PYTHON) -m pytest tests/brokers/test_poison.py -s $(PYTEST_ARGS)

soak: .venv/.dev brokers-installed ## Send 10,000 voice messages through the local cloud and over each broker while everything breaks (MESSAGES=100, SOAKED="cloud redis")
	@$(PYTHON) -m tests.support.soak --messages $(MESSAGES) $(SOAKED)

fuzz: .venv/.dev ## Throw 10,000 generated updates, events, requests and broken media at the doors and the decoder (COUNT= of each kind, SEED=, MINUTES=)
	@$(PYTHON) -m tests.fuzz --count $(COUNT) --seed $(SEED) --minutes $(MINUTES)

picture: .venv/.local ## Draw docs/images/conversation.svg from a real conversation on the local cloud
	@$(PYTHON) -m docs.generators.picture docs/images/conversation.svg

page-test: .venv/.dev ## Use the page in Debian's Chromium: record, drop, correct, share, by keyboard alone, with axe (three minutes)
	@[ -x /usr/bin/chromium ] || ./setup.sh debian chromium
	@$(PYTHON) -m pytest tests/page $(PYTEST_ARGS)

page-vendor: .venv/.dev ## Fetch the page's foreign code again, as requirements/page.toml lists it (needs npm)
	@command -v npm >/dev/null || ./setup.sh debian npm
	@$(PYTHON) -m docs.generators.page_vendor

clients-test: .venv/.dev storage-clients-installed voices-installed build/storage_clients/.ready build/clients/.ready build/clients-npm/.ready ## Point programs of others at Pisar as they are: OpenAI's clients, ai-sdk, litellm, a generated client; rclone, s3cmd, aws (five minutes)
	@$(PYTHON) -m pytest tests/clients $(PYTEST_ARGS)

page-pictures: .venv/.dev ## Take docs/images/page-*.png from the page in Chromium over the local cloud
	@[ -x /usr/bin/chromium ] || ./setup.sh debian chromium
	@$(PYTHON) -m docs.generators.page_pictures docs/images

package: .venv/.dev ## Build the functions' archives in dist/, the same bytes each time
	@$(PYTHON) functions/build.py

package-test: .venv/.dev ## Build every function's archive twice and run it with nothing but what is in it
	@$(PYTHON) -m pytest tests/packages $(PYTEST_ARGS)

image: ## Build the transcriber's image (MODEL=small, or a file and MODEL_SHA256=…) with docker, podman or buildah
	@./containers/build.sh

image-test: .venv/.dev ## Build the transcriber's image with the demo model, look into it, and have it answer on the local cloud
	@./containers/builder.sh >/dev/null 2>&1 || ./setup.sh debian buildah
	@$(PYTHON) -m pytest tests/image -s $(PYTEST_ARGS)

demo-error-rate: .venv/.dev ## Measure the demo model on voices it has never heard (needs espeak-ng)
	@./setup.sh debian espeak-ng
	$(PYTHON) -m demo.error_rate

demo-model: .venv/.dev ## Train the demo model again (about 75 minutes on two cores; needs espeak-ng and torch)
	@./setup.sh debian espeak-ng
	$(PYTHON) -m pip install -q torch
	mkdir -p build/demo-model
	$(PYTHON) -m demo.recipe synth 9000 build/demo-model/train.pkl
	$(PYTHON) -m demo.recipe synth 400 build/demo-model/held.pkl --held-out
	$(PYTHON) -m demo.recipe train build/demo-model/train.pkl build/demo-model/held.pkl build/demo-model/weights.pt --minutes 70
	$(PYTHON) -m demo.recipe export build/demo-model/weights.pt build/demo-model/ggml-pisar-demo.bin
	$(PYTHON) -m demo.error_rate --model build/demo-model/ggml-pisar-demo.bin

lock: .venv/.dev ## Lock the requirements of every deployable again
	@./requirements/lock.sh

everything: check demo test slow-test clients-test page-test package-test terraform-test image-test hear flood poison fuzz soak ## Run every check and every proof there is; the soak alone takes a night

clean: ## Remove what the commands made
	rm -rf .venv .pisar build dist

brokers-installed:
	@command -v redis-server >/dev/null && [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || ./setup.sh debian redis-server rabbitmq-server

storage-clients-installed:
	@command -v rclone >/dev/null && command -v s3cmd >/dev/null || ./setup.sh debian rclone s3cmd

voices-installed:
	@./setup.sh spoken

terraform-command:
	@./setup.sh terraform

.venv/.local: setup.sh requirements/local.txt pyproject.toml
	@./setup.sh venv local

.venv/.dev: setup.sh requirements/dev.txt pyproject.toml
	@./setup.sh venv dev

build/checkov/.ready: setup.sh requirements/checkov.txt
	@./setup.sh apart checkov

build/clients/.ready: setup.sh requirements/clients.txt
	@./setup.sh apart clients

build/clients-npm/.ready: setup.sh requirements/npm.py requirements/clients-npm.json
	@./setup.sh npm clients

build/storage_clients/.ready: setup.sh requirements/storage_clients.txt
	@./setup.sh apart storage_clients
