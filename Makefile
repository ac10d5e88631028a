# Every target works on a fresh machine: it makes its own environment from a lock with hashes and works inside it.
PYTHON ?= python3
VENV ?= .venv
TRAINING_VENV ?= .venv-training
ARGS ?=
BIN = $(VENV)/bin
# A stamp a lock: an environment is brought up to date when its lock or the project's metadata has changed.
INSTALL = $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/$(2).txt \
	&& $(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .

.PHONY: sim loop new plant arm64 qemu homeassistant sparkplug tflite test check evidence training locks clean

sim: $(VENV)/.run
	@$(BIN)/sorter sim $(ARGS)

# TensorFlow lives in an environment of its own: where that is there, the tests that need it run in it.
test: $(VENV)/.dev
ifeq ($(wildcard $(TRAINING_VENV)/.training),)
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest -m "not tensorflow" $(ARGS)
	@$(TRAINING_VENV)/bin/python -m pytest -m tensorflow $(ARGS) || [ $$? -eq 5 ]  # 5: none was asked for
endif

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

evidence: $(VENV)/.dev training
	@TRAINING_PYTHON=$(TRAINING_VENV)/bin/python $(BIN)/python -m tests.evidence $(ARGS)

# A cultivar comes, is noticed, judged, learned and released: docs/loop.md. Needs SORTER_DATA, a folder of photographs.
loop: $(VENV)/.dev training
	@TRAINING_PYTHON=$(TRAINING_VENV)/bin/python $(BIN)/python -m tests.evidence 63 $(ARGS)

training: $(TRAINING_VENV)/.training

new: $(VENV)/.new

plant: $(VENV)/.plant

homeassistant: .venv-homeassistant/.made

sparkplug: tests/sparkplug/node_modules/.made

tflite: .venv-tflite/.made

$(VENV)/.run: locks/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what the simulator needs into $(VENV) (once)"
	@$(call INSTALL,$(VENV),run)
	@touch $@

$(VENV)/.new: locks/new.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what a new machine project needs into $(VENV) (once)"
	@$(call INSTALL,$(VENV),new)
	@touch $@ $(VENV)/.run

$(VENV)/.plant: locks/plant.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what a plant's certificates and its collector need into $(VENV) (once)"
	@$(call INSTALL,$(VENV),plant)
	@touch $@

$(VENV)/.dev: locks/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing what the tests need into $(VENV) (once)"
	@$(call INSTALL,$(VENV),dev)
	@touch $@ $(VENV)/.run $(VENV)/.new $(VENV)/.plant

# Home Assistant's own schemas, for its discovery message: no program, so most of what it depends on is left out.
.venv-homeassistant/.made: locks/homeassistant.txt | .venv-homeassistant/bin/python
	@echo "installing Home Assistant's schemas into .venv-homeassistant (once; Python 3.13)"
	@.venv-homeassistant/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r locks/homeassistant.txt
	@touch $@

# What stands in for LiteRT on 32-bit systems: it needs Python 3.11 and NumPy 1.
.venv-tflite/.made: locks/tflite.txt | .venv-tflite/bin/python
	@echo "installing tflite-runtime into .venv-tflite (once; Python 3.11)"
	@.venv-tflite/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/tflite.txt
	@touch $@

# A Pi's processors and Pythons under emulation: needs mmdebstrap; at once where nothing has changed.
arm64: | $(VENV)/bin/python
	@$(BIN)/python -m tests.arm64.make

# A kernel with simulated GPIO and a guest for it: needs mmdebstrap and qemu-system-x86; at once where nothing has changed.
qemu: | $(VENV)/bin/python
	@$(BIN)/python -m tests.qemu.make

tests/sparkplug/node_modules/.made: tests/sparkplug/package-lock.json
	@cd tests/sparkplug && npm ci --silent --no-audit --no-fund
	@touch $@

$(TRAINING_VENV)/.training: locks/training.txt pyproject.toml | $(TRAINING_VENV)/bin/python
	@echo "installing TensorFlow and what training needs into $(TRAINING_VENV) (once, 1.5 GB)"
	@$(call INSTALL,$(TRAINING_VENV),training)
	@touch $@

%/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "$(PYTHON) is not Python 3.11 to 3.13: try make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $*

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header pyproject.toml

# For maintainers: needs uv. locks/device.txt is what a Pi gets: no more than edge/ needs, in the versions that are tested.
locks:
	$(LOCK) locks/extra.in --extra sim --extra update -o locks/run.txt
	$(LOCK) --extra update --constraint locks/run.txt -o locks/device.txt
	uv pip compile --quiet --python-version 3.13 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-deps \
		locks/homeassistant.in -o locks/homeassistant.txt
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
		locks/tflite.in -o locks/tflite.txt
	uv pip compile --quiet --python-version 3.13 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-deps \
		--python-platform x86_64-manylinux_2_28 locks/picamera2.in -o locks/picamera2.txt
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
		locks/qemu.in -o locks/qemu.txt
	$(LOCK) locks/extra.in --extra sim --extra update --extra new -o locks/new.txt
	$(LOCK) locks/extra.in --extra plant --extra collect --extra update -o locks/plant.txt
	$(LOCK) locks/extra.in --extra sim --extra plant --extra collect --extra update --extra new --extra atlas --extra dev -o locks/dev.txt
	$(LOCK) locks/extra.in --extra sim --extra plant --extra collect --extra update --extra new --extra dev --extra training -o locks/training.txt

clean:
	rm -rf .venv .venv-* .arm64 .qemu build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
