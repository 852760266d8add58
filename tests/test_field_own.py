"""The unit tests of the field app, each file by its name, so that a line of the requirements can
name what shows it."""

import subprocess

import pytest

from tests.source import ROOT
from tools import environment

FILES = sorted(
    path.name.removesuffix(".test.ts") for path in (ROOT / "field/tests").glob("*.test.ts")
)


@pytest.mark.parametrize("name", FILES)
def test_the_phone_passes_its_own_tests(name: str) -> None:
    environment.install_node_packages(environment.FIELD)
    npm = environment.node_command()
    done = subprocess.run(
        ["node", "test.mjs", f"{name}."],
        cwd=environment.FIELD,
        env=environment.node_environment(npm),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert "." in done.stdout, "at least one test ran"
