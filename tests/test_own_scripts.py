"""No script of the house lets a name that came in decide where it writes: such a name could be that
of what every object inherits (prototype pollution, ASVS V15.3.6). Names that come in are kept in a
Map.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import source

STORE = re.compile(
    r"""
    [\w)\]](?:\?\.)?\[(?P<key>[^\[\]]+(?:\[[^\[\]]*\][^\[\]]*)*)\]   # something[key]
    \s*(?:[-+*/%&|^]|\?\?|\|\||&&|<<|>>>?|\*\*)?=(?![=>])              # = += ??= and so on
    | (?:\+\+|--)\s*[\w.]+\[(?P<before>[^\[\]]+)\]
    | [\w)\]]\[(?P<after>[^\[\]]+)\]\s*(?:\+\+|--)
    | \bdelete\s+[\w.]+\[(?P<gone>[^\[\]]+)\]
    """,
    re.VERBOSE,
)
WRITTEN_OUT = re.compile(r"""\d+|"[\w-]+"|'[\w-]+'""")
REACHING = re.compile(
    r"__proto__|\bsetPrototypeOf\b|\bdefineProperty\b|\bdefineProperties\b|\bReflect\.set\b"
    r"|\.prototype\b(?!\.hasOwnProperty\.call)|\bconstructor\s*\[|\bfor\s*\(\s*(?:const|let|var)\s+\w+\s+in\b"
)
ASSIGNED = re.compile(r"\bObject\.assign\((?P<rest>[^;]*)")

BY_PLACE_OR_CLOSED_WORD = {
    "field/app/work/planAsk.ts: place": "a place in a list of months",
    "field/core/bytes.ts: place": "a place in bytes",
    "field/core/money.ts: place": "a place in a list of parts",
    "field/forms/form.ts: name": "one of the six words in RULES, written above it",
    "field/meeting/cash.ts: fund": "SOCIAL or LOAN, decided in the line above",
    "field/meeting/receipt.ts: part": "one of five, out of a table of ours",
    "field/meeting/take.ts: figure": "social, income or expense, written where it is called",
    "field/meeting/votes.ts: line.ballot": "one of four; the next line counts nothing else",
    "field/store/outbox.ts: COUNTED[state]": "one of ours, out of a table of ours",
    "field/plans/household.ts: section": "one of SECTIONS: inputs are checked against it",
}
"""Keys that are no names that came in: a place in a list, or a word of a list of ours."""
ASSIGNED_BY_US = {
    "field/app/work/planSigned.ts": "how a pen draws, written out",
    "field/store/pack.ts": "six figures, written out",
}


def scripts() -> Iterator[Path]:
    """What runs in a browser; what only builds it or tests it does not."""
    for path in source.files(".ts", ".js", places=("field", "frontend", "src/handup")):
        if "tests" not in path.parts:
            yield path


def code_of(text: str) -> str:
    """A script without its comments."""
    return re.sub(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", "", text, flags=re.DOTALL)


def keys_written(text: str) -> list[str]:
    """The keys under which a script stores something, as they are written; fixed ones left out."""
    found = []
    for one in STORE.finditer(code_of(text)):
        key = next(told for told in one.groups() if told is not None).strip()
        if not WRITTEN_OUT.fullmatch(key):
            found.append(key)
    return found


def reaching(text: str) -> list[str]:
    """What in a script reaches for what objects inherit."""
    return [one.group() for one in REACHING.finditer(code_of(text))]


def test_no_name_that_came_in_decides_where_a_script_writes() -> None:
    looked, stored = 0, set()
    for path in scripts():
        looked += 1
        stored |= {f"{source.name(path)}: {key}" for key in keys_written(path.read_text())}
    assert stored == set(BY_PLACE_OR_CLOSED_WORD)
    assert looked > 150


def test_no_script_reaches_for_what_objects_inherit() -> None:
    assert {
        source.name(path): told for path in scripts() if (told := reaching(path.read_text()))
    } == {}
    assigned = {
        source.name(path) for path in scripts() if ASSIGNED.search(code_of(path.read_text()))
    }
    assert assigned == set(ASSIGNED_BY_US)


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        ("found[child.name] = 1;", ["child.name"]),
        ("told.all[row][column] += 1;", ["column"]),
        ("kept[name] ??= [];", ["name"]),
        ("counts[place]++; delete held[id];", ["place", "id"]),
        ('body.dataset["ahead"] = "all"; tail[0] = 1;', []),
        ("if (found[name] === 1 || found[name] == 2) return (all) => all[name];", []),
        ("// found[name] = 1;\nconst is = (one) => one[name] >= 2 && one[name] <= 3;", []),
        ("const made = { ...told, [name]: 1 };", []),
    ],
)
def test_a_key_that_is_written_is_found(script: str, keys: list[str]) -> None:
    """A literal defines a property of its own, whatever its name: it is not among them."""
    assert keys_written(script) == keys


@pytest.mark.parametrize(
    "script",
    ["told.__proto__.x = 1", "for (const name in told) copy(name)", "Object.setPrototypeOf(a, b)",
     "Object.defineProperty(a, name, b)", "a.constructor[name]", "Array.prototype.x = 1"],
)  # fmt: skip
def test_what_reaches_further_is_found(script: str) -> None:
    assert reaching(script) != []
