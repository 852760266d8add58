"""Runs a part of the browser tests as a program of its own, in their data folder: sets Django up,
then calls `main` of a module of this folder with the words that follow.

    python -m tests.browser.apart prepare
"""

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    name, *words = sys.argv[1:]
    import_module(f"tests.browser.{name}").main(*words)
