"""How fast answers are checked again by their own form, and how fast questionnaires are taken."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import openpyxl

from bench import NONE, Figure, benchmark, clock
from handup.surveys.compiling import compile_questionnaire
from handup.surveys.rules.form.filling import empty, from_xml, to_xml
from handup.surveys.rules.form.recheck import recheck
from handup.surveys.rules.form.steps import look, settle

NOW = datetime(2026, 11, 27, tzinfo=UTC)
LANGUAGES = ("English (en)", "Armenian (hy)", "Arabic (ar)", "Mongolian (mn)", "French (fr)",
             "Kinyarwanda (rw)")  # fmt: skip
AREAS = 7


def _book(sheets: dict[str, list[list[str]]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _area(number: int, texts: int) -> list[list[str]]:
    """Eight questions as a household form has them: a filter, two amounts, what is left, a choice
    in a cascade, a pattern, several choices.
    """

    def row(
        kind: str, name: str, relevant: str = "", constraint: str = "", **more: str
    ) -> list[str]:
        words = [f"{name} {number} {text}" for text in range(texts)]
        return [
            kind, f"{name}_{number}", *words, more.get("required", ""), relevant, constraint,
            more.get("calculation", ""), more.get("choice_filter", ""),
        ]  # fmt: skip

    sells = f"${{sells_{number}}} = 'yes'"
    return [
        row("select_one yes_no", "sells", required="yes"),
        row("integer", "sales", sells, ". >= 0", required="yes"),
        row("integer", "costs", sells, f". >= 0 and . < 10 * ${{sales_{number}}} + 100000"),
        row("calculate", "profit", calculation=f"coalesce(${{sales_{number}}}, 0)"
            f" - coalesce(${{costs_{number}}}, 0)"),
        row("select_one region", "region"),
        row("select_one town", "town", choice_filter=f"region = ${{region_{number}}}"),
        row("text", "card", constraint="regex(., '^[A-Z]{2}[0-9]{6}$')"),
        row("select_multiple source", "sources"),
    ]  # fmt: skip


def questionnaire(areas: int, questions: int, languages: tuple[str, ...]) -> bytes:
    """A spreadsheet of so many questions, with 336 choices in a cascade, in so many languages."""
    heads = [f"label::{language}" for language in languages]
    survey = [["type", "name", *heads, "required", "relevant", "constraint", "calculation",
               "choice_filter"]]  # fmt: skip
    rows = [row for number in range(areas) for row in _area(number, len(languages))]
    choices = [["list_name", "name", *heads, "region"]]
    choices += [["yes_no", name, *[name] * len(languages), ""] for name in ("yes", "no")]
    for region in range(12):
        choices.append(["region", f"r{region}", *[f"Region {region}"] * len(languages), ""])
        choices += [
            ["town", f"t{region}_{town}", *[f"Town {town}"] * len(languages), f"r{region}"]
            for town in range(27)
        ]
    choices += [["source", f"s{n}", *[f"Source {n}"] * len(languages), ""] for n in range(8)]
    settings = [["form_id", "form_title", "version"], ["bench", "Bench", "1"]]
    survey += rows[:questions]
    return _book({"survey": survey, "choices": choices, "settings": settings})


def answered() -> dict[str, str]:
    """Answers by the names of its questions."""
    found: dict[str, str] = {}
    for number in range(AREAS):
        found |= {
            f"sells_{number}": "yes", f"sales_{number}": str(500 + number),
            f"costs_{number}": "120", f"region_{number}": "r3", f"town_{number}": "t3_11",
            f"card_{number}": "AR000123", f"sources_{number}": "s1 s4",
        }  # fmt: skip
    return found


@benchmark(*NONE)
def rechecking() -> Iterator[Figure]:
    """Answers to 30 questions as XML, read and judged: the work of one arriving submission."""
    form = compile_questionnaire(questionnaire(4, 30, ("English (en)",))).form
    filled = empty(form)
    for name, value in answered().items():
        for node in filled.root.children.get(name, ()):
            node.text = value
    settle(look(form, filled.root, now=NOW))
    body = to_xml(form, filled.root, instance_id="uuid:bench")
    assert recheck(form, from_xml(form, body), now=NOW) == []
    times = 4_000
    with clock() as measured:
        for _ in range(times):
            recheck(form, from_xml(form, body), now=NOW)
    yield Figure(
        "surveys.recheck of 30 questions", times / measured.processor, "per second and core", times
    )


@benchmark(*NONE)
def taking_aquestionnaire() -> Iterator[Figure]:
    """A spreadsheet of 300 questions in six languages, checked, compiled apart and prepared."""
    content = questionnaire(38, 300, LANGUAGES)
    with clock() as measured:
        compile_questionnaire(content)
    yield Figure("surveys.upload of 300 questions", measured.seconds, "seconds", 1)
