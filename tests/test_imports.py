"""Imports point one way (pyproject.toml, import-linter), and no folder escapes the contract."""

import subprocess
import sys
import tomllib
from typing import Any

from tests import source


def contracts() -> dict[str, dict[str, Any]]:
    """The import contracts of pyproject.toml by id."""
    text = (source.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {item["id"]: item for item in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_imports_keep_every_contract() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=source.ROOT,
        env={"PYTHONPATH": str(source.ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_folder_with_code_is_placed_in_the_layers() -> None:
    layers = contracts()["layers"]["layers"]
    placed = {word.strip("() ") for layer in layers for word in layer.split("|")}
    aside = {"templates", "static", "locale"}
    folders = {
        path.name
        for path in source.HOUSE.iterdir()
        if path.is_dir() and not path.name.startswith(("_", ".")) and path.name not in aside
    }
    assert folders <= placed, f"not placed: {folders - placed}"


def test_every_folder_with_code_is_a_package() -> None:
    """A folder without `__init__.py` would be invisible to the import contracts."""
    hidden = {
        source.name(path.parent)
        for path in source.files(".py", places=("src/handup",))
        if not (path.parent / "__init__.py").exists()
    }
    assert not hidden
