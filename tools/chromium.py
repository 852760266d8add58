"""Finds a real Chromium for the browser tests, or installs the system's package when it may."""

import os
import shutil
import subprocess
from pathlib import Path

from tools.steps import StepFailed, run, step

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PLACES = (
    "/usr/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
BY_HAND = (
    "    sudo apt-get install chromium        (or set HANDUP_CHROMIUM to the path of a Chromium)"
)


def find() -> str | None:
    """The path of a browser: HANDUP_CHROMIUM, the path, or the usual places."""
    named = os.environ.get("HANDUP_CHROMIUM")
    if named:
        if not Path(named).exists():
            raise StepFailed(f"HANDUP_CHROMIUM names {named}, which does not exist.")
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return next((place for place in PLACES if Path(place).exists()), None)


def ensure() -> str:
    """A browser's path; installs Debian's package as root (or with sudo that asks nothing)."""
    found = find()
    if found:
        return found
    apt, sudo = shutil.which("apt-get"), shutil.which("sudo")
    prefix: list[str] | None = None
    if apt and os.geteuid() == 0:
        prefix = []
    elif apt and sudo and not subprocess.run([sudo, "-n", "true"], capture_output=True).returncode:
        prefix = [sudo, "-n"]
    if apt is None or prefix is None:
        raise StepFailed(f"The browser tests need Chromium. Type this once:\n{BY_HAND}")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with step("installing Chromium for the browser tests"):
        install = [*prefix, apt, "install", "-y", "--no-install-recommends", "chromium"]
        try:
            run("chromium", [*prefix, apt, "update"], env=env)
            run("chromium", install, env=env)
        except StepFailed as fault:
            raise StepFailed(f"{fault}\nInstall Chromium by hand:\n{BY_HAND}") from fault
    found = find()
    if not found:
        raise StepFailed(f"Chromium was installed but cannot be found. Type this once:\n{BY_HAND}")
    return found
