"""Runs a program of the field app's own code, for tests that hold it beside the server's."""

import json
import subprocess
from typing import Any

from tools import environment


def answers(program: str, told: Any) -> list[Any]:
    """What `field/tests/<program>.ts` answers; both ways as JSON."""
    environment.install_node_packages(environment.FIELD)
    npm = environment.node_command()
    done = subprocess.run(
        [*npm, "run", "--silent", "program", program],
        cwd=environment.FIELD,
        env=environment.node_environment(npm),
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Any] = json.loads(done.stdout)
    return found
