"""Values a form sets by itself, without a database: when opened, and when an answer changes."""

from datetime import UTC, datetime
from functools import lru_cache

from handup.surveys.compiling import compile_questionnaire
from handup.surveys.rules.form.acting import changed, opened, triggers
from handup.surveys.rules.form.filling import empty, leaves, new_row
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.steps import Look, look
from handup.surveys.tests.sheets import questionnaire

ROWS = (
    ("type", "name", "label::English (en)", "calculation", "default", "trigger"),
    ("text", "code", "Code", "", "concat('A', 'B')"),
    ("integer", "size", "Size"),
    ("calculate", "asked_at", "", "now()", "", "${size}"),
    ("begin repeat", "worker", "Worker"),
    ("integer", "age", "Age"),
    ("calculate", "told", "", "concat('age ', ${age})", "", "${age}"),
    ("end repeat",),
)


@lru_cache
def form() -> Form:
    return compile_questionnaire(questionnaire(ROWS), filename="a.xlsx").form


def seen() -> Look:
    found = look(form(), empty(form()).root, now=datetime(2026, 3, 1, tzinfo=UTC))
    new_row(next(one for one in form().root.children if one.name == "worker"), found.root)
    return found


def values(here: Look, name: str) -> list[str]:
    return [node.text for field, node in leaves(form().root, here.root) if field.name == name]


def test_a_default_that_is_computed_is_set_when_the_form_is_opened() -> None:
    here = seen()
    assert values(here, "code") == [""]
    opened(here)
    assert values(here, "code") == ["AB"]
    here.root.children["code"][0].text = "own"
    opened(here)
    assert values(here, "code") == ["own"]


def test_an_answer_that_changes_sets_others_in_its_own_row_only() -> None:
    here = seen()
    before = triggers(here)
    assert set(before.values()) == {""}
    changed(here, before)
    assert values(here, "told") == ["", ""]
    here.root.children["worker"][1].children["age"][0].text = "9"
    changed(here, before)
    assert values(here, "told") == ["", "age 9"]
    assert values(here, "asked_at") == [""]
    here.root.children["size"][0].text = "2"
    changed(here, before)
    assert values(here, "asked_at")[0].startswith("2026-03-01")
