"""The field app and the server evaluate expressions alike: what is right gives the same text, what
is wrong is refused for the same reasons at the same places."""

import random

from handup.surveys.rules.xpath.check import Known, check
from handup.surveys.tests.expressions import QUESTIONS, result
from tests import field_program

DRAWN = 6000
KNOWN = Known(QUESTIONS)
TEXTS = ["'x'", "''", "'12'", "' 3 '", "'2026-03-15'", "'2026-02-29'", "'2026-03-15T23:10+04:00'"]
NUMBERS = ["0", "1", "2.5", "-3", "1000000", "0.1", "1.005", "(1 div 3)", "(0 div 0)", "1e3"]
NAMES = ["${a}", "${b}", "${e}", "${t}", "${m}", "${s}", "${d}", "${w}", "${worker}", "${nobody}"]
PATHS = ["/data/worker[2]/w", "/data/*", "../a", ".", "/data/worker[w > 10]/w", "a", "current()/.."]
FUNCTIONS = {  # how many arguments each is given
    "if": 3, "coalesce": 2, "selected": 2, "selected-at": 2, "count-selected": 1, "count": 1,
    "count-non-empty": 1, "sum": 1, "min": 1, "max": 1, "round": 1, "int": 1, "abs": 1, "pow": 2,
    "not": 1, "true": 0, "false": 0, "boolean": 1, "boolean-from-string": 1, "number": 1,
    "string": 1, "concat": 1, "contains": 2, "starts-with": 2, "ends-with": 2, "substr": 3,
    "string-length": 1, "normalize-space": 1, "translate": 3, "date": 1, "format-date": 2,
    "decimal-date-time": 1, "position": 1, "indexed-repeat": 3, "jr:choice-name": 2, "today": 0,
    "frobnicate": 1,
}  # fmt: skip
OPERATORS = ["+", "-", "*", " div ", " mod ", "=", "!=", "<", "<=", ">", ">=", " and ", " or "]
PIECES = ["(", ")", "[", "]", ",", "//", "|", "::", "@", "$", "''", "”", "div", "and", "..", " "]


def drawn(draw: random.Random, depth: int = 0) -> str:
    """An expression as people write them, now and then broken."""
    kind = draw.random()
    if depth > 3 or kind < 0.3:
        return draw.choice([*TEXTS, *NUMBERS, *NAMES, *NAMES, *PATHS])
    if kind < 0.65:
        name = draw.choice([*FUNCTIONS])
        count = FUNCTIONS[name] + (draw.random() < 0.08)
        if name in {"count", "count-non-empty", "sum", "position"} and draw.random() < 0.9:
            return f"{name}({draw.choice([*NAMES, *PATHS])})"
        return f"{name}({', '.join(drawn(draw, depth + 1) for _ in range(count))})"
    left, right = drawn(draw, depth + 1), drawn(draw, depth + 1)
    return f"({left}{draw.choice(OPERATORS)}{right})" if kind < 0.95 else f"-{left}"


def broken(draw: random.Random, text: str) -> str:
    """The text with a piece put in or cut out somewhere."""
    at = draw.randint(0, len(text))
    if draw.random() < 0.5:
        return text[:at] + draw.choice(PIECES) + text[at:]
    return text[:at] + text[at + draw.randint(1, 4) :]


def test_the_field_app_and_the_server_evaluate_every_expression_alike() -> None:
    draw = random.Random(20260302)
    expressions = [drawn(draw) for _ in range(DRAWN)]
    expressions += [broken(draw, text) for text in expressions[: DRAWN // 3]]
    theirs = field_program.answers("expressions", expressions)
    right = wrong = 0
    for text, there in zip(expressions, theirs, strict=True):
        faults = [[fault.kind.value, fault.at] for fault in check(text, KNOWN)]
        here = {"faults": faults, "result": None if faults else result(text)}
        if "today" in text or "pow(" in text:
            # The two stand on different days; the last digit of a power is the processor's.
            there["result"] = here["result"] = None
        assert there == here, text
        right, wrong = right + (not faults), wrong + bool(faults)
    assert right > DRAWN // 3
    assert wrong > DRAWN // 10
