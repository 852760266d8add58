# Every command is a line of tools/commands.py; `make` alone lists them.
PYTHON ?= python3
COMMANDS = run test check bench docs pictures install soak lock

help:
	@$(PYTHON) -m tools.launch help

$(COMMANDS):
	@$(PYTHON) -m tools.launch $@

.PHONY: help $(COMMANDS)
