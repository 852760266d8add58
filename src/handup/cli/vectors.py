"""`handup vectors [DIR] [--json]`: feeds every case of the calculation vectors to the program.

The adapters that translate a case live beside the rules they run, each domain in one module named
below; a kind without adapter counts as failed, never as skipped.
"""

import argparse
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from handup.kernel.errors import Refusal

Adapter = Callable[[Mapping[str, Any]], Any]

ADAPTER_MODULES: Mapping[str, str] = {
    "kernel": "handup.kernel.adapters",
    "lending": "handup.kernel.credit.adapters",
    "plans": "handup.plans.rules.adapters",
    "groups": "handup.groups.rules.adapters",
    "results": "handup.results.rules.adapters",
    "sync": "handup.sync.rules.adapters",
}
"""First word of a kind → module with a table `ADAPTERS` from kind to function."""

NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class NoVectors(Refusal):
    """{folder} is not a folder with vectors (*.json). Name one: handup vectors DIR."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not as expected; `path` is empty for the result as a whole."""

    path: str
    expected: object
    got: object


@dataclass(frozen=True, slots=True)
class FailedCase:
    """One case with everything in it that differs."""

    id: str
    source: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class KindResult:
    """What became of one file."""

    kind: str
    total: int
    failed: tuple[FailedCase, ...]

    @property
    def passed(self) -> int:
        """Cases that came out as expected."""
        return self.total - len(self.failed)


class _Missing:
    """Stands for a value that one side does not have."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """DIR and --json."""
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="DIR",
        help="folder of *.json (default: data/vectors in HANDUP_SHARED or ../shared)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a kind")


def run(args: argparse.Namespace) -> int:
    """Print the report; 0 only when every case passed. Raises NoVectors."""
    folder = Path(args.folder) if args.folder else default_folder()
    passed = total = 0
    for result in run_folder(folder):
        passed += result.passed
        total += result.total
        text = json.dumps(as_json(result), ensure_ascii=False) if args.json else as_text(result)
        print(text, flush=True)
    if not args.json:
        print(f"all {passed}/{total}")
    return 0 if passed == total else 1


def default_folder() -> Path:
    """The shared vectors beside the project, or in the folder HANDUP_SHARED names."""
    return Path(os.environ.get("HANDUP_SHARED") or "../shared") / "data" / "vectors"


def run_folder(folder: Path) -> Iterator[KindResult]:
    """Every file of a folder in order of name. Raises NoVectors."""
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise NoVectors(folder=str(folder))
    return (run_file(file) for file in files)


def run_file(file: Path) -> KindResult:
    """All cases of one kind; a file that holds none, or cannot be read, is one failed case that
    says why.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kind = content["kind"]
        cases = [
            (case["id"], case["source"], case["given"], case["expect"]) for case in content["cases"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        return _unread(file, "a file of vectors", f"{type(fault).__name__}: {fault}")
    if not cases:
        return _unread(file, "at least one case", "none")
    adapter = adapter_of(kind)
    failed: list[FailedCase] = []
    for case_id, source, given, expect in cases:
        differences = _run_case(adapter, given, expect)
        if differences:
            failed.append(FailedCase(case_id, source, differences))
    return KindResult(kind, len(cases), tuple(failed))


def adapter_of(kind: str) -> Adapter | None:
    """The function that runs cases of this kind, None when no domain has one."""
    name = ADAPTER_MODULES.get(kind.partition(".")[0])
    if name is None or not _exists(name):
        return None
    table: Mapping[str, Adapter] = import_module(name).ADAPTERS
    return table.get(kind)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _run_case(
    adapter: Adapter | None, given: Mapping[str, Any], expect: object
) -> tuple[Difference, ...]:
    if adapter is None:
        return (Difference("", expect, NOT_IMPLEMENTED),)
    try:
        got = adapter(given)
    except Refusal as refusal:
        got = {"error": refusal.code}
    except Exception as fault:  # noqa: BLE001 - any other exception is a failing case, reported
        return (Difference("", expect, f"{type(fault).__name__}: {fault}"),)
    return tuple(compare(expect, got))


def compare(expected: object, got: object, path: str = "") -> Iterator[Difference]:
    """Every value that differs: same keys, same length and order, decimal texts by value."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name in [*expected, *(name for name in got if name not in expected)]:
            inner = f"{path}.{name}" if path else str(name)
            yield from compare(expected.get(name, MISSING), got.get(name, MISSING), inner)
    elif isinstance(expected, list) and isinstance(got, list):
        for place in range(max(len(expected), len(got))):
            yield from compare(
                expected[place] if place < len(expected) else MISSING,
                got[place] if place < len(got) else MISSING,
                f"{path}[{place}]",
            )
    elif not _same(expected, got):
        yield Difference(path, expected, got)


def _same(expected: object, got: object) -> bool:
    if isinstance(expected, str) and isinstance(got, str):
        if _DECIMAL.fullmatch(expected) and _DECIMAL.fullmatch(got):
            return Fraction(expected) == Fraction(got)
        return str(expected) == str(got)
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    return expected is None and got is None


def _unread(file: Path, expected: str, got: str) -> KindResult:
    """A file that proves nothing."""
    reason = Difference("", expected, got)
    return KindResult(file.stem, 1, (FailedCase(file.name, str(file), (reason,)),))


def as_text(result: KindResult) -> str:
    """A line for the kind, below it each failing case with its differing values."""
    lines = [f"{result.kind} {result.passed}/{result.total}"]
    for case in result.failed:
        lines.append(f"  {case.id}  {case.source}")
        lines += [
            f"    {item.path or '(result)'}  expected {_shown(item.expected)}"
            f"  got {_shown(item.got)}"
            for item in case.differences
        ]
    return "\n".join(lines)


def as_json(result: KindResult) -> dict[str, object]:
    """The kind as an object; one entry in `failed` for every differing value."""
    return {
        "kind": result.kind,
        "passed": result.passed,
        "total": result.total,
        "failed": [
            {
                "id": case.id,
                "source": case.source,
                "path": item.path,
                "expected": _plain(item.expected),
                "got": _plain(item.got),
            }
            for case in result.failed
            for item in case.differences
        ],
    }


def _plain(value: object) -> object:
    return None if value is MISSING else json.loads(json.dumps(value, default=repr))


def _shown(value: object) -> str:
    if value is MISSING:
        return "nothing"
    if value == NOT_IMPLEMENTED:
        return NOT_IMPLEMENTED
    return json.dumps(value, ensure_ascii=False, default=repr)
