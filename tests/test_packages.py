"""The sets of packages (requirements/*.in) and what pyproject.toml makes of them."""

import tomllib

from packaging.requirements import Requirement

from tests import source
from tools.environment import BUILT_ON


def offered() -> dict[str, list[str]]:
    """The extras of the package and the files each is read from."""
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text())
    told = project["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    return {name: said["file"] for name, said in told.items()}


def test_every_file_the_build_reads_is_a_plain_list_of_packages() -> None:
    files = {"requirements/base.in"}.union(*offered().values())
    for file in sorted(files):
        lines = (source.ROOT / file).read_text().splitlines()
        named = [line for line in lines if line and not line.startswith("#")]
        assert [str(Requirement(line).name) for line in named], file


def test_a_set_is_locked_with_what_it_is_built_on() -> None:
    for name, files in offered().items():
        parts = (*BUILT_ON.get(name, ()), name)
        assert files == [f"requirements/{part}.in" for part in parts]
