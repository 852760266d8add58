"""Walks the project's own files and reads them once, for the tests about the code itself."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "src/handup"
PLACES = ("src/handup", "tests", "tools", "bench", "stories", "frontend", "field", "deploy")
NOT_OURS = {"node_modules", "dist", "__pycache__", "build", "locale"}


def files(*suffixes: str, places: tuple[str, ...] = PLACES) -> Iterator[Path]:
    """Every file of our own with one of the suffixes, below the given folders."""
    for place in places:
        for path in sorted((ROOT / place).rglob("*")):
            inside = path.relative_to(ROOT).parts
            if path.suffix in suffixes and path.is_file() and not NOT_OURS & set(inside):
                yield path


def python_files(*, migrations: bool = False) -> list[Path]:
    """Every Python file of our own; migrations only when asked, as Django writes them."""
    found = [*files(".py"), *sorted(ROOT.glob("*.py"))]
    return [path for path in found if migrations or "migrations" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of the parsed file, walked once for all who ask."""
    return tuple(ast.walk(tree(path)))


def name(path: Path) -> str:
    """A file's path as messages show it."""
    return str(path.relative_to(ROOT))


def domain_of(path: Path) -> str:
    """The folder directly below `handup`, or an empty text."""
    return path.relative_to(HOUSE).parts[0] if path.is_relative_to(HOUSE) else ""


def is_test(path: Path) -> bool:
    """Whether a file is a test or helps tests."""
    return "tests" in path.parts or path.is_relative_to(ROOT / "stories")


def domains() -> list[Path]:
    """The folders of the house that are Python packages."""
    return sorted(path.parent for path in HOUSE.glob("*/__init__.py"))
