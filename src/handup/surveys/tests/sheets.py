"""Spreadsheets for tests, written as rows."""

import io
from collections.abc import Mapping, Sequence

import openpyxl

Rows = Sequence[Sequence[object]]

SURVEY: Rows = (
    ("type", "name", "label::English (en)", "required", "relevant", "constraint",
     "constraint_message::English (en)", "calculation", "choice_filter", "repeat_count"),
    ("select_one yes_no", "trades", "Does she sell?", "yes"),
    ("begin group", "business", "The business", "", "${trades} = 'yes'"),
    ("integer", "sales", "Sales last month", "yes", "", ". >= 0", "Not below nothing"),
    ("integer", "costs", "Costs last month", "yes", "", ". >= 0", "Not below nothing"),
    ("calculate", "profit", "", "", "", "", "", "${sales} - ${costs}"),
    ("end group",),
    ("integer", "size", "How many live here?", "yes", "", ". > 0 and . <= 30", "1 to 30"),
    ("text", "card", "Number of the card", "", "", "regex(., '^[A-Z]{2}[0-9]{6}$')", "As AR000123"),
    ("select_one region", "region", "Region"),
    ("select_one town", "town", "Town", "", "", "", "", "", "region = ${region}"),
    ("select_multiple source", "sources", "Where does money come from?"),
    ("begin repeat", "worker", "Worker", "", "${trades} = 'yes'", "", "", "", "", "${size} - 1"),
    ("integer", "age", "Age", "yes", "", ". > 5", "Above five"),
    ("decimal", "days", "Days", "", "", ". <= 31", "A month at most"),
    ("end repeat",),
    ("date", "seen", "Day", "", "", ". <= today()", "Not in the future"),
)  # fmt: skip
CHOICES: Rows = (
    ("list_name", "name", "label::English (en)", "region"),
    ("yes_no", "yes", "yes"),
    ("yes_no", "no", "no"),
    ("region", "north", "North"),
    ("region", "south", "South"),
    ("town", "alpha", "Alpha", "north"),
    ("town", "beta", "Beta", "south"),
    ("source", "farm", "Farm"),
    ("source", "shop", "Shop"),
)
SETTINGS: Rows = (
    ("form_id", "form_title", "version"),
    ("household", "Household and business", "2026-1"),
)


CASES: Rows = (
    SURVEY[0],
    ("text", "case_key", "Key of the case", "yes"),
    ("calculate", "who", "", "", "", "", "", "pulldata('cases', 'label', 'key', ${case_key})"),
    *SURVEY[1:],
    ("image", "photo", "Picture of the stall"),
    ("start", "start"),
    ("end", "end"),
)


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    """Write sheets as XLSX."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def questionnaire(
    survey: Rows = SURVEY, choices: Rows = CHOICES, settings: Rows = SETTINGS
) -> bytes:
    """The questionnaire of these tests, or another."""
    return workbook({"survey": survey, "choices": choices, "settings": settings})
