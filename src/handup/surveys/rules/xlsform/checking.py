"""The own check of a questionnaire: every fault of every sheet at once, before it is compiled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from handup.surveys.rules.xlsform import columns
from handup.surveys.rules.xlsform.choices import check_lists, lists_of
from handup.surveys.rules.xlsform.cycles import check_cycles
from handup.surveys.rules.xlsform.definition import Definition, Item
from handup.surveys.rules.xlsform.expressions import check_expressions
from handup.surveys.rules.xlsform.faults import SheetFault, SheetKind, gettext_noop
from handup.surveys.rules.xlsform.languages import missing_texts
from handup.surveys.rules.xlsform.reading import Sheet
from handup.surveys.rules.xlsform.structure import items_of
from handup.surveys.rules.xlsform.table import Findings, Table, table_of
from handup.surveys.rules.xlsform.types import ANSWERED

KNOWN_SHEETS = ("survey", "choices", "settings")
REFUSED_SHEETS = frozenset({"external_choices", "entities", "osm"})
ORDER = {"survey": 0, "choices": 1, "settings": 2}
CODE = re.compile(r"[\w][\w .:-]{0,59}")
VERSION = re.compile(r"[\w][\w .:()+-]{0,39}")
IDENTITY = (  # what a form is known by on devices and in addresses
    (
        "form_id",
        CODE,
        gettext_noop(
            "{name} cannot be the form_id: at most 60 letters, digits, spaces and - _ . :"
        ),
    ),
    (
        "version",
        VERSION,
        gettext_noop(
            "{name} cannot be the version: at most 40 letters, digits, spaces and - _ . : ( ) +"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the questionnaire and everything wrong with it, warnings apart."""

    definition: Definition
    faults: tuple[SheetFault, ...]
    warnings: tuple[SheetFault, ...]


def check_sheets(sheets: Mapping[str, Sheet], *, stem: str = "questionnaire") -> Checked:
    """Check a whole workbook; `stem` (the file's name) names a form without a form_id."""
    findings = Findings()
    by_name = {name.strip().lower(): sheet for name, sheet in sheets.items()}
    _check_names(by_name, findings)
    settings = _settings(by_name.get("settings"), findings)
    default = columns.language_code(settings.get("default_language", "")) or "en"
    survey = _table(by_name.get("survey"), columns.TRANSLATED, default, findings)
    choices = _table(by_name.get("choices"), frozenset({"label"}), default, findings)
    _check_columns(survey, choices, findings)
    items = items_of(survey, findings) if survey else []
    twice = settings.get("allow_choice_duplicates", "").lower() in {"yes", "true"}
    lists = lists_of(choices, findings, twice=twice)
    check_lists(items, lists, "survey", findings)
    reads = check_expressions(items, lists, "survey", findings)
    check_cycles(items, reads, "survey", findings)
    _check_labels(items, findings)
    languages = tuple(
        dict.fromkeys(
            [*(survey.languages if survey else ()), *(choices.languages if choices else ())]
        )
    )
    definition = Definition(
        code=settings.get("form_id") or stem,
        title=settings.get("form_title") or settings.get("form_id") or stem,
        version=settings.get("version", ""),
        default_language=default if default in languages or not languages else languages[0],
        languages=languages or (default,),
        items=tuple(items),
        lists=lists,
        settings=settings,
    )
    _check_languages(definition, findings)
    ordered = sorted(
        findings.faults, key=lambda one: (ORDER.get(one.sheet, 3), one.row, one.letter)
    )
    return Checked(
        definition,
        tuple(one for one in ordered if not one.warning),
        tuple(one for one in ordered if one.warning),
    )


def _table(
    sheet: Sheet | None, translated: frozenset[str], default: str, findings: Findings
) -> Table | None:
    if sheet is None:
        return None
    named = Sheet(sheet.name.strip().lower(), sheet.headings, sheet.lines)
    return table_of(
        named, translated=translated | columns.MEDIA, default_language=default, findings=findings
    )


def _check_names(sheets: Mapping[str, Sheet], findings: Findings) -> None:
    if "survey" not in sheets:
        findings.add(
            "survey",
            0,
            "",
            SheetKind.SHEET_MISSING,
            gettext_noop("The workbook has no sheet called survey."),
        )
    for name, sheet in sheets.items():
        if name in REFUSED_SHEETS and sheet.lines:
            findings.add(
                name,
                0,
                "",
                SheetKind.UNSUPPORTED_SHEET,
                gettext_noop("The sheet {sheet} is not taken; put choices on the sheet choices."),
                sheet=sheet.name,
            )
        elif name not in KNOWN_SHEETS and sheet.lines:
            findings.add(
                name,
                0,
                "",
                SheetKind.UNSUPPORTED_SHEET,
                gettext_noop("The sheet {sheet} is not read."),
                warning=True,
                sheet=sheet.name,
            )


def _settings(sheet: Sheet | None, findings: Findings) -> dict[str, str]:
    table = _table(sheet, frozenset(), "", findings)
    row = table.rows[0] if table is not None and table.rows else None
    if row is None:
        return {}
    found = {}
    for name in row.cells:
        value = row.get(name)
        off = value.lower() in {"", "no", "false"}
        base = name.split(":", 1)[0]
        if base in columns.REFUSED_SETTINGS and not off:
            findings.add(
                "settings",
                row.number,
                name,
                SheetKind.UNSUPPORTED_SETTING,
                gettext_noop("The setting {setting} is not taken; remove it."),
                setting=name,
            )
        elif name in columns.SETTINGS:
            found[name] = value
        elif not off:
            findings.add(
                "settings",
                row.number,
                name,
                SheetKind.UNKNOWN_COLUMN,
                gettext_noop("The setting {setting} is not read."),
                warning=True,
                setting=name,
            )
    for name, allowed, sentence in IDENTITY:
        value = found.get(name, "")
        if value and not allowed.fullmatch(value):
            findings.add("settings", row.number, name, SheetKind.BAD_NAME, sentence, name=value)
    return found


def _check_columns(survey: Table | None, choices: Table | None, findings: Findings) -> None:
    if survey is not None:
        for column in ("type", "name"):
            _need(survey, column, findings)
        _check_extra(survey, findings)
    if choices is not None and choices.rows:
        for column in ("list_name", "name"):
            _need(choices, column, findings)
        for row in choices.rows:
            _refuse_media(choices.name, row.number, row.texts, findings)


def _need(table: Table, column: str, findings: Findings) -> None:
    if not table.has(column):
        findings.add(
            table.name,
            1,
            column,
            SheetKind.COLUMN_MISSING,
            gettext_noop("The sheet has no column {column}."),
            column=column,
        )


def _check_extra(table: Table, findings: Findings) -> None:
    """Columns that would change the form are refused where they hold something; notes are not."""
    told: set[str] = set()
    for row in table.rows:
        _refuse_media(table.name, row.number, row.texts, findings)
        for name, value in row.cells.items():
            if name in columns.SURVEY or name == "disabled" or not value.strip():
                continue
            refused = name in columns.REFUSED_SURVEY or name.split(":")[0] in columns.REFUSED_SURVEY
            if not refused and name in told:
                continue
            told.add(name)
            findings.add(
                table.name,
                row.number,
                name,
                SheetKind.UNSUPPORTED_COLUMN if refused else SheetKind.UNKNOWN_COLUMN,
                gettext_noop("The column {column} is not taken; remove what stands in it.")
                if refused
                else gettext_noop("The column {column} is not read."),
                warning=not refused,
                column=name,
            )


def _refuse_media(
    sheet: str, row: int, texts: Mapping[str, Mapping[str, str]], findings: Findings
) -> None:
    for column in sorted(columns.MEDIA & set(texts)):
        findings.add(
            sheet,
            row,
            column,
            SheetKind.UNSUPPORTED_COLUMN,
            gettext_noop("Pictures and sounds in questions ({column}) are not taken; remove them."),
            column=column,
        )


def _check_labels(items: list[Item], findings: Findings) -> None:
    for item in items:
        shown = item.type in ANSWERED or item.type == "note"
        if not shown or item.cell("calculation") or item.labels or item.hints:
            continue
        findings.add(
            "survey",
            item.row,
            "label",
            SheetKind.LABEL_MISSING,
            gettext_noop("The question {name} has no text."),
            name=item.name,
        )


def _check_languages(definition: Definition, findings: Findings) -> None:
    for one in missing_texts(definition):
        findings.add(
            one.sheet,
            one.row,
            one.column,
            SheetKind.UNFINISHED_LANGUAGE,
            gettext_noop("{name} has no text in {language}; unfinished, it cannot be published."),
            warning=True,
            name=one.name,
            language=one.language,
        )
