"""The one entry behind every `make` command: finds a Python that is new enough, then hands over.

This file keeps to old syntax on purpose: an old Python must be able to read it and say so plainly.
"""

import os
import shutil
import sys

NEEDED = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
AGAIN = "HOUSE_PYTHON_CHOSEN"


def main() -> int:
    """Run the command on Python 3.11 or newer, or say what to install."""
    if sys.version_info < NEEDED:
        for name in NEWER:
            path = shutil.which(name)
            if path and AGAIN not in os.environ:
                os.environ[AGAIN] = "1"
                os.execv(path, [path, "-m", "tools.launch", *sys.argv[1:]])
        found = sys.version.split()[0]
        sys.stderr.write(
            f"Handup needs Python 3.11 or newer; this is {found} ({sys.executable}).\n"
            "Install one (for example: apt-get install python3.11 python3.11-venv), or name one:\n"
            "    make PYTHON=/path/to/python3 run\n"
        )
        return 1
    from tools.commands import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
