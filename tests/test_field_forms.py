"""The field app and the server evaluate expressions alike: what is right gives the same text, what
is wrong is refused for the same reasons at the same places."""

import random
from datetime import UTC, datetime
from pathlib import Path

from handup.surveys.compiling import Compiled, FaultyQuestionnaire, compile_questionnaire
from handup.surveys.rules.form.filling import (
    from_answers,
    from_xml,
    leaves,
    place_of,
    to_answers,
    to_xml,
)
from handup.surveys.rules.form.model import Field, Form
from handup.surveys.rules.form.pages import growing, shown, steps_of
from handup.surveys.rules.form.recheck import faults_at
from handup.surveys.rules.form.sending import prepare
from handup.surveys.rules.form.steps import Look, item_label, look, offered, say, settle
from handup.surveys.rules.form.telling import told_form
from handup.surveys.rules.xpath.check import Known, check
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.tests.expressions import QUESTIONS, result
from handup.surveys.tests.sheets import questionnaire
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


NOW = datetime(2026, 3, 15, 10, 0, tzinfo=UTC)
SETS_OF_ANSWERS = 60
VALUES = ["", "", "1", "3", "12", "77", "2.5", "-4", "yes", "no", "AR000123", "x y", "2026-03-15",
          "2026-02-30", "10:30", "40.1 44.5 0 0", "n < 1 & \"q\"", "Նարե"]  # fmt: skip


def sound_forms(shared: Path) -> dict[str, Compiled]:
    """The questionnaire of the survey tests, and every sound one the project did not write."""
    found = {"household": compile_questionnaire(questionnaire(), filename="household.xlsx")}
    for path in sorted((shared / "data/surveys/xlsforms").glob("*.xls*")):
        try:
            found[path.name] = compile_questionnaire(path.read_bytes(), filename=path.name)
        except FaultyQuestionnaire:
            continue
    return found


def drawn_answers(draw: random.Random, form: Form, field: Field) -> object:
    """Answers as people and slips of the pen leave them, rows of repeats and all."""
    if not field.children:
        if field.choices is not None and draw.random() < 0.8:
            codes = list(form.items.get(field.choices.instance, {})) or [""]
            return " ".join(draw.sample(codes, 1 + (field.several and len(codes) > 1)))
        return draw.choice(VALUES)
    found: dict[str, object] = {}
    for child in field.children:
        if child.kind == "repeat":
            found[child.name] = [
                drawn_answers(draw, form, child) for _ in range(draw.randint(0, 3))
            ]
        elif draw.random() < 0.9:
            found[child.name] = drawn_answers(draw, form, child)
    return found


def filled_here(form: Form, answers: dict[str, object]) -> dict[str, object]:
    """What stands once the server filled a form with these answers."""
    root = from_answers(form, answers).root
    here = look(
        form, root, now=NOW, language=list(form.languages)[-1], lists={"none": Node("root")}
    )
    settle(here)
    steps = steps_of(form)
    shown_now = [one for step in steps for one in shown(here, step)]
    told = [
        [
            one.place,
            say(here, one.field.wording.label, one.node),
            [kind.value for kind in faults_at(here, one.field, one.node)],
            offers(here, one.field, one.node),
        ]
        for one in shown_now
    ]
    settled = to_answers(form.root, root)
    grows = [place for step in steps for _field, _parent, place in growing(here, step)]
    dropped = prepare(here)
    body = to_xml(form, root, instance_id="uuid:x")
    return {
        "shown": told,
        "growing": grows,
        "settled": settled,
        "dropped": dropped,
        "sent": to_answers(form.root, root),
        "places": [place_of(field, node, form) for field, node in leaves(form.root, root)],
        "xml": to_answers(form.root, from_xml(form, body).root),
    }


def offers(here: Look, field: Field, node: Node) -> list[list[str]]:
    """The choices offered: code and words."""
    if field.choices is None:
        return []
    return [
        [held[0].text, item_label(here.form, field.choices, item, here.language)]
        for item in offered(here, field.choices, node)
        if (held := item.children.get(field.choices.value))
    ]


def test_whole_forms_filled_in_the_field_app_and_on_the_server_stand_alike(shared: Path) -> None:
    draw = random.Random(20260315)
    forms = {name: one.form for name, one in sound_forms(shared).items()}
    assert len(forms) >= 7
    drawn_for = {
        name: [drawn_answers(draw, form, form.root) for _ in range(SETS_OF_ANSWERS)]
        for name, form in forms.items()
    }
    theirs = field_program.answers(
        "whole",
        [
            {"form": told_form(form), "answers": drawn_for[name], "now": NOW.isoformat("T")}
            for name, form in forms.items()
        ],
    )
    shown_in_all = faults = dropped = 0
    for (name, form), there in zip(forms.items(), theirs, strict=True):
        for given, told in zip(drawn_for[name], there, strict=True):
            assert isinstance(given, dict)
            here = filled_here(form, given)
            sent = from_xml(form, told["xml"].encode()).root
            assert to_answers(form.root, sent) == here["xml"], (name, given)
            told["xml"] = here["xml"]
            assert told == here, (name, given)
            shown_in_all += len(told["shown"])
            faults += sum(len(one[2]) for one in told["shown"])
            dropped += len(told["dropped"])
    assert shown_in_all > 20 * SETS_OF_ANSWERS
    assert min(faults, dropped) > SETS_OF_ANSWERS
