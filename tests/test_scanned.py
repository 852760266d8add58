"""A virus scanner may take long, and whoever writes holds the database: files are looked through
before the transaction that keeps them (protection.md 4.10, V5)."""

import ast
from collections.abc import Iterator

from tests import source


def calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    """The calls of a function below a node, by its own name or as an attribute."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            called = one.func
            told = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if told == name:
                yield one


def inside_transactions(function: ast.AST) -> set[int]:
    """The lines of a function that stand in a transaction it opens."""
    found: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.With) and any(
            list(calls(item.context_expr, "atomic")) for item in node.items
        ):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def test_every_file_that_comes_in_is_looked_through_before_its_transaction() -> None:
    keeping, late = [], []
    for path in source.python_files():
        if source.is_test(path) or not path.is_relative_to(source.HOUSE):
            continue
        if "store_file" not in path.read_text(encoding="utf-8"):
            continue
        for function in source.nodes(path):
            if not isinstance(function, ast.FunctionDef):
                continue
            held = inside_transactions(function)
            before = [
                one.lineno for one in calls(function, "require_clean") if one.lineno not in held
            ]
            for kept in calls(function, "store_file"):
                made_here = any(word.arg == "made_here" for word in kept.keywords)
                place = f"{source.name(path)}:{kept.lineno}"
                keeping.append(place)
                if not made_here and not any(line < kept.lineno for line in before):
                    late.append(place)
    assert len(keeping) >= 8
    assert late == []
