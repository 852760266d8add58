"""What no file of the house does: start a shell, run text as code, match by a pattern of a user,
write a table of texts whose cells could run as formulas; and each page has its way out.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.source import HOUSE, is_test, name, nodes, python_files

AS_CODE = {"eval", "exec", "compile", "__import__"}
UNPACKING = {"pickle", "marshal", "shelve", "dill", "yaml"}
SHELLS = {("os", "system"), ("os", "popen"), ("subprocess", "getoutput")}
PATTERN_FIRST = {"compile", "match", "fullmatch", "search", "sub", "findall", "finditer", "split"}
PATTERNS_OF_OURS = {  # a table of the same file
    "src/handup/kernel/names.py",
    "src/handup/lending/rules/banking/mt940.py",
    "src/handup/surveys/rules/xpath/lexer.py",
}
PATTERNS_OF_QUESTIONNAIRES = {  # read here, followed in time that grows with the text
    "src/handup/surveys/rules/xpath/patterns.py",
}
PATTERNS_OF_SETTINGS = {  # addresses written in the settings, as Django reads them
    "src/handup/org/clear_text.py",
}
PATTERNS_OF_THE_PACK = {  # the official ruleset, in a folder only the machine's keeper names
    "src/handup/results/rules/iati/rulekinds.py",
}
KNOWN_PATTERNS = (
    PATTERNS_OF_OURS | PATTERNS_OF_SETTINGS | PATTERNS_OF_QUESTIONNAIRES | PATTERNS_OF_THE_PACK
)
TABLES_WITHOUT_TEXTS_OF_USERS = {
    "src/handup/lending/rules/fineract.py": "read by the lists of old portfolios, never shown",
    "src/handup/lending/columns/copying.py": "read by the database, never by a spreadsheet",
    "src/handup/surveys/services/collecting.py": "read by the app that asks the questions",
}


def ours() -> list[Path]:
    """The files of the product, without tests."""
    return [path for path in python_files() if path.is_relative_to(HOUSE) and not is_test(path)]


def calls() -> Iterator[tuple[Path, ast.Call, str, str]]:
    """Every call: its file, itself, what stands before the dot, what after it."""
    for path in ours():
        for node in nodes(path):
            if isinstance(node, ast.Call):
                func = node.func
                if isinstance(func, ast.Name):
                    yield path, node, "", func.id
                elif isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
                    yield path, node, func.value.id, func.attr


def at(path: Path, node: ast.expr) -> str:
    """Where it stands."""
    return f"{name(path)}:{node.lineno}"


def test_no_program_is_started_through_a_shell() -> None:
    started, wrong = 0, []
    for path, call, module, what in calls():
        if module == "subprocess":
            started += 1
            line = call.args[0] if call.args else None
            if isinstance(line, ast.Constant | ast.JoinedStr | ast.BinOp):
                wrong.append(at(path, call))
        if (module, what) in SHELLS or any(word.arg == "shell" for word in call.keywords):
            wrong.append(at(path, call))
    assert wrong == []
    assert started > 1


def test_no_text_is_run_as_code_and_no_bytes_become_objects() -> None:
    assert [
        at(path, call)
        for path, call, module, what in calls()
        if (not module and what in AS_CODE) or module in UNPACKING
    ] == []


def test_no_pattern_comes_from_a_user() -> None:
    wrong = []
    for path, call, module, what in calls():
        looked_up = [word.arg or "" for word in call.keywords if word.arg and "regex" in word.arg]
        named = call.args[0] if call.args else None
        if looked_up or (
            (module, what in PATTERN_FIRST) == ("re", True)
            and not isinstance(named, ast.Constant)
            and not (isinstance(named, ast.Name) and named.id.strip("_").isupper())
            and name(path) not in KNOWN_PATTERNS
        ):
            wrong.append(at(path, call))
    assert wrong == []


def test_every_table_of_texts_keeps_its_cells_from_running_as_formulas() -> None:
    writers = {
        path
        for path, _call, module, what in calls()
        if module == "csv" and what in {"writer", "DictWriter"}
    }
    told = {name(path) for path in writers if "safe_text" not in path.read_text()}
    assert told == set(TABLES_WITHOUT_TEXTS_OF_USERS)
    assert len(writers) > 3


def test_a_way_to_sign_out_stands_on_every_page() -> None:
    pages = {path for path in HOUSE.rglob("templates/**/*.html") if "<html" in path.read_text()}
    assert {path.name for path in pages} == {"base.html", "500.html"}
    base = (HOUSE / "templates/base.html").read_text()
    assert '{% block top %}{% include "components/top.html" %}{% endblock %}' in base
    without = [p for p in HOUSE.rglob("templates/**/*.html") if "{% block top %}" in p.read_text()]
    assert {path.name for path in without} == {"base.html", "sign_in.html"}
    assert "account_logout" in (HOUSE / "templates/components/top.html").read_text()
