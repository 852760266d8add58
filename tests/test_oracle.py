"""An engine this project did not write (ODK's own, `@getodk/xforms-engine`) reads the same forms
and answers: it gives what the server and the field app give, on expressions and on whole forms.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from handup.surveys.compiling import Compiled, compile_questionnaire
from handup.surveys.rules.answers import FaultKind
from handup.surveys.rules.form.filling import (
    from_answers,
    leaves,
    place_of,
    to_answers,
    to_xml,
)
from handup.surveys.rules.form.model import Field, Form
from handup.surveys.rules.form.recheck import faults_at
from handup.surveys.rules.form.sending import prepare
from handup.surveys.rules.form.steps import Look, look, offered, settle
from handup.surveys.rules.form.telling import told_form
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.tests.expressions import ANSWERS, result
from handup.surveys.tests.sheets import CASES, questionnaire
from tests import field_program
from tests.test_field_forms import NOW, sound_forms

Draw = random.Random
EXPRESSIONS = 600
SETS_OF_ANSWERS = 40
TABLE = (
    ("type", "name", "label", "calculation"),
    ("integer", "a", "A"),
    ("decimal", "b", "B"),
    ("text", "e", "E"),
    ("text", "t", "T"),
    ("select_multiple m", "m", "M"),
    ("select_one s", "s", "S"),
    ("date", "d", "D"),
    ("begin repeat", "worker", "W"),
    ("decimal", "w", "W"),
    ("end repeat",),
)
LISTS = (
    ("list_name", "name", "label"),
    ("m", "x", "x"),
    ("m", "y", "y"),
    ("m", "z", "z"),
    ("s", "yes", "Yes, we do"),
    ("s", "no", "No"),
)
NUMBERS = ("0", "1", "2.5", "7", "1000000", "0.125", "${a}", "${b}", "coalesce(${e}, 3)")
TEXTS = ("'x'", "''", "'12'", "'2026-03-15'", "${t}", "${s}", "${e}", "${m}", "${d}")


def number(draw: Draw, depth: int = 0) -> str:
    """An expression that gives a number, as people write them."""

    def more(kind: Callable[[Draw, int], str]) -> str:
        return kind(draw, depth + 1)

    if depth > 3 or draw.random() < 0.25:
        return draw.choice(NUMBERS)
    made: tuple[Callable[[], str], ...] = (
        lambda: f"({more(number)} {draw.choice(('+', '-', '*', 'div', 'mod'))} {more(number)})",
        lambda: f"round({more(number)}, {draw.choice('012')})",
        lambda: f"{draw.choice(('int', 'abs'))}({more(number)})",
        lambda: f"number({more(text)})",
        lambda: f"string-length({more(text)})",
        lambda: "count-selected(${m})",
        lambda: f"{draw.choice(('count', 'count-non-empty', 'sum', 'min', 'max'))}(${{w}})",
        lambda: f"{draw.choice(('min', 'max'))}({more(number)}, {more(number)})",
        lambda: f"if({more(truth)}, {more(number)}, {more(number)})",
        lambda: f"coalesce({more(text)}, {more(number)})",
        lambda: f"(0 - {more(number)})",
        lambda: f"pow({more(number)}, 2)",
    )
    return draw.choice(made)()


def text(draw: Draw, depth: int = 0) -> str:
    """An expression that gives a text."""

    def more(kind: Callable[[Draw, int], str]) -> str:
        return kind(draw, depth + 1)

    if depth > 3 or draw.random() < 0.3:
        return draw.choice(TEXTS)
    made: tuple[Callable[[], str], ...] = (
        lambda: f"concat({more(text)}, {more(text)})",
        lambda: f"string({more(number)})",
        lambda: f"if({more(truth)}, {more(text)}, {more(text)})",
        lambda: f"coalesce({more(text)}, {more(text)})",
        lambda: f"substr({more(text)}, {draw.choice('012')}, {draw.choice('234')})",
        lambda: f"normalize-space({more(text)})",
        lambda: f"translate({more(text)}, 'ax', 'by')",
        lambda: f"selected-at(${{m}}, {draw.choice('0123')})",
        lambda: "format-date(${d}, '%d.%m.%Y')",
        lambda: "jr:choice-name(${s}, '${s}')",
    )
    return draw.choice(made)()


def truth(draw: Draw, depth: int = 0) -> str:
    """An expression that is true or false."""

    def more(kind: Callable[[Draw, int], str]) -> str:
        return kind(draw, depth + 1)

    if depth > 3:
        return draw.choice(("true()", "false()"))
    made: tuple[Callable[[], str], ...] = (
        lambda: f"{more(number)} {draw.choice(('=', '!=', '<', '<=', '>', '>='))} {more(number)}",
        lambda: f"{more(text)} {draw.choice(('=', '!='))} {more(text)}",
        lambda: f"({more(truth)} {draw.choice(('and', 'or'))} {more(truth)})",
        lambda: f"not({more(truth)})",
        lambda: f"selected(${{m}}, '{draw.choice('xyzq')}')",
        lambda: (
            f"{draw.choice(('contains', 'starts-with', 'ends-with'))}({more(text)}, {more(text)})"
        ),
        lambda: f"regex({more(text)}, '^[A-Z]?[a-z0-9 -]*$')",
        lambda: f"${{d}} {draw.choice('<>=')} date('2026-03-1{draw.choice('456')}')",
        lambda: f"boolean({more(number)})",
        lambda: f"boolean-from-string({more(text)})",
    )
    return draw.choice(made)()


def sent(form: Form, root: Node) -> str:
    """Answers as the engine takes them: it wants no declaration before the element."""
    return to_xml(form, root, instance_id="uuid:x").decode().partition("?>")[2].strip()


def judged(compiled: Compiled, sets: list[str], files: Mapping[str, str] = {}) -> Any:
    """What the engine makes of sets of answers: for each the answers by place."""
    told = {"xform": compiled.xform, "sets": sets, "files": dict(files)}
    (found,) = field_program.answers("oracle", [told])
    return [{leaf["path"]: leaf for leaf in leaves_} for leaves_ in found]


def test_the_three_evaluators_agree_on_every_expression(shared: Path) -> None:
    draw = random.Random(20260704)
    table = json.loads((shared / "data/surveys/xform_expressions.json").read_text())["cases"]
    expressions = [case["expression"] for case in table]
    expressions += [draw.choice((number, text, truth))(draw) for _ in range(EXPRESSIONS)]
    rows = [("calculate", f"r{n}", "", one) for n, one in enumerate(expressions)]
    settings = (("form_id", "form_title", "version"), ("table", "Table", "1"))
    compiled = compile_questionnaire(questionnaire((*TABLE, *rows), LISTS, settings))
    body = sent(compiled.form, from_answers(compiled.form, ANSWERS).root)
    (found,) = judged(compiled, [body])
    theirs = field_program.answers("expressions", expressions)
    told = [found[f"/table/r{n}"]["value"] for n in range(len(expressions))]
    assert told[: len(table)] == [case["result"] for case in table]
    for one, oracle, there in zip(expressions, told, theirs, strict=True):
        assert (result(one), there) == (oracle, {"faults": [], "result": oracle}), one
    assert len(set(told)) > EXPRESSIONS // 10


VALUES = {
    "int": ("", "0", "3", "12", "77"),
    "decimal": ("", "2.5", "31.5", "-4.25"),
    "date": ("", "2019-02-28", "2199-12-31"),
    "time": ("", "10:30:00.000+00:00"),
    "dateTime": ("", "2019-02-28T10:30:00.000+00:00"),
    "geopoint": ("", "40.1 44.5 0 0"),
    "binary": ("", "stall.jpg"),
}
WORDS = ("", "AR000123", "x y", 'n < 1 & "q"', "Նարե")


def drawn_answers(draw: Draw, form: Form, field: Field) -> object:
    """Answers of the type each question has: another kind an engine does not even hold."""
    if not field.children:
        if field.choices is not None:
            codes = list(form.items.get(field.choices.instance, {})) or [""]
            count = min(len(codes), draw.randint(0, 2 if field.several else 1))
            chosen = set(draw.sample(codes, count))
            return " ".join(code for code in codes if code in chosen)
        limits = field.limits
        return str(int(limits[0])) if limits else draw.choice(VALUES.get(field.type, WORDS))
    found: dict[str, object] = {}
    for child in field.children:
        one = drawn_answers(draw, form, child)
        rows = [drawn_answers(draw, form, child) for _ in range(draw.randint(0, 3))]
        found[child.name] = rows if child.kind == "repeat" else one
    return found


def opened(form: Form, answers: object, files: Mapping[str, Node]) -> Look:
    """Answers in a form, everything computed, no choice but those offered."""
    assert isinstance(answers, dict)
    root = from_answers(form, answers).root
    here = look(form, root, now=NOW, language=next(iter(form.languages), ""), lists=files)
    for _round in range(5):
        settle(here)
        for field, node in leaves(form.root, root):
            if field.choices is not None:
                known = codes(here, field, node)
                node.text = " ".join(code for code in node.text.split() if code in known)
    settle(here)
    return here


def codes(here: Look, field: Field, node: Node) -> list[str]:
    """The codes offered."""
    assert field.choices is not None
    items = [item.children.get(field.choices.value) for item in offered(here, field.choices, node)]
    return [held[0].text for held in items if held]


def compared(form: Form) -> Iterator[Field]:
    """What is answered or computed alike at every look: no moments, ids or means of the device."""
    for field in form.root.every():
        steady = field.calculate is None or field.calculate.steady
        if not field.children and field.kind != "meta" and steady and not field.preload:
            yield field


def stands_here(here: Look) -> dict[str, dict[str, Any]]:
    """What stands in a form once what does not apply has left: value, fault, offers by place."""
    form = here.form
    prepare(here)
    wanted = {field.path for field in compared(form)}
    found = {}
    for field, node in leaves(form.root, here.root):
        if field.path in wanted:
            kinds = faults_at(here, field, node)
            wrong = [kind for kind in (FaultKind.REQUIRED, FaultKind.CONSTRAINT) if kind in kinds]
            found[place_of(field, node, form)] = {
                "value": node.text,
                "wrong": wrong[0].value.lower() if wrong else None,
                "offered": codes(here, field, node) if field.choices is not None else None,
            }
    return found


def hold_beside(compiled: Compiled, sets: list[object], csv: Mapping[str, str] = {}) -> list[int]:
    """Hold server, field app and engine side by side; how many answers stood, how many applied and
    how many were refused.
    """
    form = compiled.form
    files = {"cases": listed(csv["cases.csv"])} if csv else {}
    given = [opened(form, answers, files) for answers in sets]
    bodies = [sent(form, here.root) for here in given]
    told = [to_answers(form.root, here.root) for here in given]
    counts = [0, 0, 0]
    for there, here, answers in zip(judged(compiled, bodies, csv), given, told, strict=True):
        stood = stands_here(here)
        for place, mine in stood.items():
            theirs = there[place]
            counts[0] += 1
            if not theirs["relevant"]:
                assert mine["value"] == "", (place, answers)
                continue
            counts[1] += 1
            counts[2] += mine["wrong"] is not None
            assert {key: theirs[key] for key in mine} == mine, (place, answers)
    if not csv:
        (apps,) = field_program.answers(
            "whole", [{"form": told_form(form), "answers": told, "now": NOW.isoformat("T")}]
        )
        for app, here in zip(apps, given, strict=True):
            assert app["sent"] == to_answers(form.root, here.root)
    return counts


def listed(csv: str) -> Node:
    """A list of cases as a form reads it."""
    root = Node("root")
    head, *lines = [line.split(",") for line in csv.splitlines()]
    for line in lines:
        item = root.add("item")
        for name, value in zip(head, line, strict=True):
            item.add(name, value)
    return root


def test_the_three_evaluators_agree_on_whole_forms(shared: Path) -> None:
    draw = random.Random(20260705)
    forms = sound_forms(shared)
    assert len(forms) >= 7
    counts = [0, 0, 0]
    for compiled in forms.values():
        form = compiled.form
        sets = [drawn_answers(draw, form, form.root) for _ in range(SETS_OF_ANSWERS)]
        counts = [a + b for a, b in zip(counts, hold_beside(compiled, sets), strict=True)]
    stood, applied, refused = counts
    assert applied > 20 * SETS_OF_ANSWERS
    assert stood - applied > SETS_OF_ANSWERS
    assert refused > SETS_OF_ANSWERS


def test_the_server_and_the_engine_agree_on_what_is_read_of_a_case() -> None:
    compiled = compile_questionnaire(questionnaire(CASES))
    draw = random.Random(20260706)
    form = compiled.form
    csv = "name,key,label,village,round\nk1,k1,Ani,Sasunik,First\nk2,k2,Boris,Ashtarak,First\n"
    sets = [drawn_answers(draw, form, form.root) for _ in range(SETS_OF_ANSWERS)]
    for one in sets:
        assert isinstance(one, dict)
        one["case_key"] = draw.choice(("k1", "k2", "", "k3"))
    stood, applied, refused = hold_beside(compiled, sets, {"cases.csv": csv})
    assert min(stood - applied, refused) > SETS_OF_ANSWERS // 4
