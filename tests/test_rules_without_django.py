"""The rules run where there is no Django: imported in a process that cannot import it."""

import json
import subprocess
import sys

from tests import source

SCRIPT = """
import importlib, json, sys

class NoDatabase:
    names = {"django", "ninja", "psycopg", "sqlite3", "pysqlite3", "allauth", "simple_history"}

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.names:
            raise ModuleNotFoundError(f"{name} is out of reach for rules")

sys.meta_path.insert(0, NoDatabase())
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
"""


def pure_modules() -> list[str]:
    """Every module of the kernel and of a rules package, tests left out."""
    found = []
    for path in source.files(".py", places=("src/handup",)):
        inside = path.relative_to(source.HOUSE.parent).with_suffix("").parts
        if ("rules" in inside or inside[1] == "kernel") and "tests" not in inside:
            found.append(".".join(inside).removesuffix(".__init__"))
    return found


def test_rules_import_without_django() -> None:
    modules = pure_modules()
    assert "handup.kernel.money" in modules
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(modules)],
        cwd=source.ROOT,
        env={"PYTHONPATH": str(source.ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
