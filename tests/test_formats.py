"""No text that came in is a pattern for others to be put into (format strings, ASVS V1.3.10): what
stands before `.format` and `%`, and what a log is told first, is written in the program.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import HOUSE, is_test, name, python_files, tree

OURS = {
    "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext",
    "_", "_t", "_n", "_now", "N_", "str", "force_str", "replace",
}  # fmt: skip
"""What gives a text of the program in the reader's language, or the same text changed."""
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

NUMBER, TABLE = "a number: arithmetic", "a table of texts in the same file"
SENTENCE = "a sentence of our own check of a sheet or an expression, as it was found"
WRITTEN_ELSEWHERE = {
    "src/handup/demo/enterprises.py: place": NUMBER,
    "src/handup/demo/enterprises.py: total": NUMBER,
    "src/handup/groups/rules/book_steps.py: step.body['units']": NUMBER,
    "src/handup/groups/rules/constitution.py: settings['share_value_units']": NUMBER,
    "src/handup/groups/rules/savings.py: amount": NUMBER,
    "src/handup/kernel/errors.py: self.template": "the docstring of a refusal",
    "src/handup/kernel/errors.py: told": "the same, translated",
    "src/handup/ledger/services/audit_export.py: place": NUMBER,
    "src/handup/lending/rules/eligibility.py: asked.units": NUMBER,
    "src/handup/lending/verify.py: pk.int": NUMBER,
    "src/handup/lending/views/behind.py: TEXTS[check.compared](check)": TABLE,
    "src/handup/lending/views/previews.py: str(word)": TABLE,
    "src/handup/org/cleaning.py: asked": "SQL of the same file; names are quoted by the driver",
    "src/handup/org/web/money.py: joined": "how a language joins day and hour: data of babel",
    "src/handup/org/web/settings/places.py: str(text)": TABLE,
    "src/handup/results/rules/adx.py: day.month": NUMBER,
    "src/handup/results/telling.py: str(told)": TABLE,
    "src/handup/surveys/api/reading.py: one['sentence']": SENTENCE,
    "src/handup/surveys/fault_words.py: _now(fault.sentence)": SENTENCE,
    "src/handup/surveys/rules/xlsform/faults.py: self.sentence": SENTENCE,
    "src/handup/surveys/rules/xpath/faults.py: self.sentence": SENTENCE,
    "src/handup/surveys/views/questionnaires.py: _now(one['sentence'])": SENTENCE,
    "src/handup/training/views/comparing.py: title": TABLE,
}
"""What is not to be seen as written in the program from its own line, and what it is."""
OF_A_REQUEST = {"GET", "POST", "META", "FILES", "COOKIES"}

Held = dict[str, list[ast.expr | None]]


def put(held: Held, target: ast.expr, value: ast.expr | None) -> None:
    """Note what a name is set to; None where that is not to be seen here."""
    if isinstance(target, ast.Name):
        held.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple | ast.List):
        parts: list[ast.expr | None] = [None] * len(target.elts)
        if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            parts = list(value.elts)
        for one, part in zip(target.elts, parts, strict=True):
            put(held, one, part)


def own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, FUNCTIONS):
            yield from own(node)


def held_in(scope: ast.AST) -> Held:
    """The names set in a scope, with what they are set to."""
    held: Held = {}
    if isinstance(scope, FUNCTIONS):
        told = scope.args
        for one in (*told.posonlyargs, *told.args, *told.kwonlyargs):
            held.setdefault(one.arg, []).append(None)
    for node in own(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                put(held, target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            put(held, node.target, node.value)
        elif isinstance(node, ast.For | ast.comprehension):
            put(held, node.target, of_each(node.iter))
    return held


def of_each(node: ast.expr) -> ast.expr | None:
    """What one turn of a loop takes, where it goes through what is written out."""
    return node if isinstance(node, ast.List | ast.Tuple) else None


def called(node: ast.Call) -> str:
    """The name of what is called."""
    func = node.func
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def is_ours(node: ast.expr | None, held: Held, depth: int = 0) -> bool:
    """Whether a text is written in the program, as far as this file and its constants tell."""
    if node is None or depth > 8:
        return False

    def ours(inner: ast.expr | None) -> bool:
        return is_ours(inner, held, depth + 1)

    match node:
        case ast.Constant():
            return isinstance(node.value, str)
        case ast.Call():
            texts = node.args[:2] if called(node).startswith("ng") else node.args
            if called(node) == "replace" and isinstance(node.func, ast.Attribute):
                texts = [node.func.value, *node.args]
            return called(node) in OURS and all(ours(one) for one in texts)
        case ast.IfExp():
            return ours(node.body) and ours(node.orelse)
        case ast.BoolOp():
            return all(ours(one) for one in node.values)
        case ast.BinOp(op=ast.Add()):
            return ours(node.left) and ours(node.right)
        case ast.Dict():
            return all(ours(one) for one in node.values)
        case ast.Tuple() | ast.List() | ast.Set():
            return all(ours(one) for one in node.elts)
        case ast.Subscript():
            return ours(node.value)
        case ast.Attribute():
            return node.attr.strip("_").isupper() and node.attr not in OF_A_REQUEST
        case ast.Name():
            known = held.get(node.id, [])
            constant = node.id.strip("_").isupper()
            return constant or (bool(known) and all(ours(one) for one in known))
    return False


def is_number(node: ast.expr) -> bool:
    """Whether a `%` with this on a side is arithmetic: a number, a count, or sums of such."""
    if isinstance(node, ast.BinOp):
        return is_number(node.left) or is_number(node.right)
    if isinstance(node, ast.Call):
        return called(node) in {"len", "from_bytes", "toordinal", "_number", "int"}
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def pattern_of(node: ast.AST) -> ast.expr | None:
    """The text others are put into here, if this does so."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        what, before = node.func.attr, node.func.value
        if what == "format" and isinstance(before, ast.Call) and called(before) == "super":
            return None  # a formatter of the log
        if what in {"format", "format_map"}:
            return before
        if what in LOGS and ast.unparse(before).endswith("logger") and node.args:
            return node.args[0]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        numbers = is_number(node.left) or is_number(node.right)
        return None if numbers else node.left
    return None


def strange(code: ast.Module) -> list[ast.expr]:
    """The patterns of a file that are not to be seen as written in the program."""
    wrong = []

    def walk(scope: ast.AST, above: Held) -> None:
        held = above | held_in(scope)
        for node in own(scope):
            pattern = pattern_of(node)
            if pattern is not None and not is_ours(pattern, held):
                wrong.append(pattern)
            if isinstance(node, FUNCTIONS):
                walk(node, held)

    walk(code, {})
    return wrong


def ours() -> list[Path]:
    """The files of the product, without tests."""
    return [path for path in python_files() if path.is_relative_to(HOUSE) and not is_test(path)]


def test_every_pattern_others_are_put_into_is_written_in_the_program() -> None:
    found = {f"{name(path)}: {ast.unparse(one)}" for path in ours() for one in strange(tree(path))}
    assert found == set(WRITTEN_ELSEWHERE)


@pytest.mark.parametrize(
    "code",
    ["def f(told): return told.format(a=1)", "def f(row): return row.text % {'a': 1}",
     "def f(told): logger.warning(told)", "x = request.GET['a'].format_map(b)",
     "def f(t):\n    if t: t = 'a'\n    return t.format(1)", "for t in rows: t % places",
     "x = f'{a} %s' % b"],
)  # fmt: skip
def test_a_text_that_came_in_is_found(code: str) -> None:
    assert len(strange(ast.parse(code))) == 1


@pytest.mark.parametrize(
    "code",
    ["'{a}'.format(a=told)", "t = _('%(a)s')\nt % {'a': told}", "n % 7", "SHAPES.format(a)",
     "def f(n):\n    t = ngettext('{n} a', '{n} b', n)\n    return t.format(n=n)",
     "logger.info('refused %s', told)", "TEXTS = {'A': _('x %s')}\nTEXTS[k] % b",
     "for t in (_('a %s'), _('b %s')): t % b"],
)  # fmt: skip
def test_a_text_of_the_program_is_not(code: str) -> None:
    assert strange(ast.parse(code)) == []
