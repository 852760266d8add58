"""The limits every file keeps (CONTRIBUTING.md): length, openings, no float, no leftovers."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from babel import Locale

from tests import source
from tools import commands

LONGEST_FUNCTION = 60
LONGEST_FILE = 500
LONGEST_README = 80
EXACT = {"kernel", "ledger", "lending", "groups", "plans"}  # whole units and fractions only
NO_MONEY = {  # likeness of names; first guess of a rate; the cells of a workbook as it holds them
    "kernel/names.py",
    "kernel/credit/apr.py",
    "kernel/sheets.py",
}
COUNTRY_DATA = {"demo"}  # the only domain whose data name a country
LEFTOVER = re.compile(r"(#|//|<!--|\/\*).*\b(TODO|FIXME|XXX|HACK)\b")
SILENCED = re.compile(
    r"#\s*(type:\s*ignore|noqa)(:\s*[A-Z]+[0-9]*(?:,\s*[A-Z]+[0-9]+)*|\[[\w, -]+\])?(?P<reason>.*)"
)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in source.nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            yield f"{source.name(path)}:{node.lineno} {node.name}", end - node.lineno + 1


def comments(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every text constant of a file that is not a docstring."""
    docs = {
        id(node.body[0].value)
        for node in source.nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in source.nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def test_a_function_fits_on_a_screen() -> None:
    long = {
        where: length
        for path in source.python_files()
        for where, length in functions(path)
        if length > LONGEST_FUNCTION
    }
    assert not long


def test_a_file_stays_readable() -> None:
    others = source.files(".ts", ".js", ".html", ".css", ".scss")
    code = [*source.python_files(), *others]
    long = {source.name(path): len(lines(path)) for path in code if len(lines(path)) > LONGEST_FILE}
    assert not long


def test_every_table_scrolls_within_its_own_frame() -> None:
    """A table wider than a phone must not push the page sideways."""
    bare = [
        source.name(path)
        for path in source.files(".html")
        if path.read_text(encoding="utf-8").count('<table class="table')
        > path.read_text(encoding="utf-8").count("table-scroll")
    ]
    assert not bare


def test_a_file_opens_with_what_it_is_for() -> None:
    bare = [
        source.name(path)
        for path in source.python_files()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(source.tree(path))
    ]
    assert not [path for path in bare if not path.endswith("tests/__init__.py")]


def test_no_country_is_named_outside_the_demonstration() -> None:
    """Country specifics are data: products, charts of accounts, areas, never code."""
    names = {str(code): str(name) for code, name in Locale("en").territories.items()}
    countries = {names[code] for code in names if len(code) == 2 and code.isalpha()}
    ambiguous = {"Jersey", "Jordan", "Georgia", "Chad", "Guinea", "Mali", "Niger", "Turkey"}
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, sorted(countries - ambiguous))) + r")\b")
    found = []
    for path in source.python_files():
        if source.domain_of(path) in COUNTRY_DATA | {""} or source.is_test(path):
            continue
        found += [
            f"{source.name(path)}:{line}" for line, text in texts(path) if pattern.search(text)
        ]
    for path in source.files(".html", ".ts", ".txt", places=("src/handup", "field", "frontend")):
        if source.domain_of(path) not in COUNTRY_DATA and not source.is_test(path):
            text = path.read_text(encoding="utf-8")
            found += [f"{source.name(path)} {match.group()}" for match in pattern.finditer(text)]
    assert not found


def test_nothing_is_left_to_do_later() -> None:
    own = Path(__file__).resolve()
    found = [
        f"{source.name(path)}:{number}"
        for path in source.files(".py", ".ts", ".html", ".scss", ".toml")
        if path != own
        for number, line in enumerate(lines(path), 1)
        if LEFTOVER.search(line)
    ]
    assert not found


def test_a_test_is_skipped_only_without_the_shared_material_or_for_the_other_database() -> None:
    """Shared material may be absent, which one fixture alone may say; an attack on one database is
    none on the other."""
    own = Path(__file__).resolve()
    pattern = re.compile(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|skipif|xfail)|skipUnless")
    reason = re.compile(r"only (SQLite|PostgreSQL)")
    found = []
    for path in source.python_files():
        text = lines(path)
        for number, line in enumerate(text):
            told = " ".join(text[number : number + 3])
            if (
                path not in (own, source.ROOT / "conftest.py")
                and pattern.search(line)
                and not reason.search(told)
            ):
                found.append(f"{source.name(path)}:{number + 1}")
    assert not found


def test_every_test_in_a_browser_lies_where_that_stage_looks() -> None:
    """A folder's conftest marks its tests; a mark elsewhere would be left out by every stage."""
    own = Path(__file__).resolve()
    marking = {
        str(path.parent.relative_to(source.ROOT))
        for path in source.python_files()
        if path != own and re.search(r"\bmark\.browser\b", path.read_text(encoding="utf-8"))
    }
    assert marking == set(commands.BROWSER)


def test_a_silenced_check_names_its_reason() -> None:
    """`# noqa: S105 the word is a label` is fine; a bare `# noqa` is not."""
    bare = []
    for path in source.python_files():
        if source.is_test(path):  # a test gives the wrong type to see it refused
            continue
        for number, comment in comments(path):
            match = SILENCED.search(comment)
            if match and (not match[2] or len(match["reason"].strip(" -:,()")) < 8):
                bare.append(f"{source.name(path)}:{number} {comment}")
    assert not bare


def test_money_is_never_a_float() -> None:
    found = []
    for path in source.python_files():
        if source.domain_of(path) not in EXACT or source.is_test(path):
            continue
        if str(path.relative_to(source.HOUSE)) in NO_MONEY:
            continue
        for node in source.nodes(path):
            number = isinstance(node, ast.Constant) and isinstance(node.value, float)
            word = isinstance(node, ast.Name) and node.id == "float"
            if number or word:
                found.append(f"{source.name(path)}:{getattr(node, 'lineno', 0)}")
    assert not found


def test_domains_call_each_other_and_never_signal() -> None:
    """What Django itself announces, after a migration or for a row it makes, is no message between
    domains.
    """
    of_django = {"pre_migrate", "post_migrate", "pre_init", "post_init"}
    hidden: set[str | None] = {"django.dispatch", "django.db.models.signals"}
    found = []
    for path in source.python_files():
        for node in source.nodes(path):
            names: set[str | None] = set()
            if isinstance(node, ast.ImportFrom):
                heard = {alias.name for alias in node.names}
                names = set() if heard <= of_django else {node.module}
            elif isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            if names & hidden:
                found.append(f"{source.name(path)}:{getattr(node, 'lineno', 0)}")
    assert not found


def test_rules_read_no_clock_and_no_file() -> None:
    """Dates come in as arguments; only `kernel/ids.py` reads the time, as it is in the id."""
    clock = {"now", "utcnow", "today", "time_ns", "monotonic"}
    found = []
    for path in source.python_files():
        pure = source.domain_of(path) == "kernel" or "rules" in path.parts
        if not pure or source.is_test(path) or path.name == "ids.py":
            continue
        for node in source.nodes(path):
            if isinstance(node, ast.Call):
                called = node.func
                reads = isinstance(called, ast.Attribute) and called.attr in clock
                opens = isinstance(called, ast.Name) and called.id == "open"
                if reads or opens:
                    found.append(f"{source.name(path)}:{node.lineno}")
    assert not found


def test_lock_files_name_no_host() -> None:
    locks = [*source.ROOT.glob("requirements/*.txt"), *source.ROOT.glob("*/package-lock.json")]
    locks += [source.ROOT / "package-lock.json", *source.ROOT.glob("**/.npmrc")]
    locks = [path for path in locks if path.exists() and "node_modules" not in path.parts]
    address = re.compile(
        r'"resolved":|index-url|find-links|^\s*(https?|git\+)|registry *=', re.MULTILINE
    )
    assert locks
    assert not [source.name(path) for path in locks if address.search(path.read_text())]


def test_every_locked_package_has_a_hash() -> None:
    for path in source.ROOT.glob("requirements/*.txt"):
        packages = path.read_text().replace("\\\n", " ").splitlines()
        assert not [line for line in packages if "==" in line and "--hash=sha256:" not in line]


def test_every_domain_tells_what_it_is_on_one_page() -> None:
    missing = [path.name for path in source.domains() if not (path / "README.md").exists()]
    assert not missing
    long = [
        path.name for path in source.domains() if len(lines(path / "README.md")) > LONGEST_README
    ]
    assert not long
