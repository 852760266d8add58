"""The sheet of questions: types, names, groups and repeats that open and close."""

import re

from handup.surveys.rules.xlsform import columns
from handup.surveys.rules.xlsform.definition import Item
from handup.surveys.rules.xlsform.faults import SheetKind, gettext_noop
from handup.surveys.rules.xlsform.table import Findings, Row, Table
from handup.surveys.rules.xlsform.types import META, TypeRead, read_type

QUESTIONS_MOST = 2_000
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
APPEARANCES = frozenset({
    "minimal", "autocomplete", "quick", "compact", "quickcompact", "label", "list-nolabel",
    "field-list", "table-list", "horizontal", "horizontal-compact", "likert", "numbers",
    "multiline", "month-year", "year", "no-calendar", "maps", "placement-map", "columns",
    "columns-pack", "no-buttons", "picker", "rating", "vertical", "no-ticks", "signature",
    "draw", "annotate", "new", "new-front", "front", "list", "image-map", "summary",
    "thousands-sep", "masked", "url", "w1", "w2", "w3", "w4",
})  # fmt: skip


def items_of(table: Table, findings: Findings) -> list[Item]:
    """Read the questions in their order, with every fault of their structure."""
    reader = _Structure(table, findings)
    for row in table.rows:
        if not row.get("disabled") or row.get("disabled").lower() in {"no", "false"}:
            reader.take(row)
    return reader.finish()


class _Structure:
    """Which groups are open while rows are read."""

    def __init__(self, table: Table, findings: Findings) -> None:
        self.sheet = table.name
        self.findings = findings
        self.open: list[tuple[str, str, int]] = []
        self.items: list[Item] = []
        self.first: dict[str, int] = {}

    def add(self, row: int, column: str, kind: SheetKind, sentence: str, /, **parts: str) -> None:
        self.findings.add(self.sheet, row, column, kind, sentence, warning=False, **parts)

    def take(self, row: Row) -> None:
        written = row.get("type")
        if not written:
            if row.get("name") or row.texts.get("label"):
                self.add(
                    row.number,
                    "type",
                    SheetKind.TYPE_MISSING,
                    gettext_noop("This row has no type."),
                )
            return
        read = read_type(written)
        if read.fault:
            self.refuse_type(row, read, written)
        if read.type.startswith("end "):
            self.close(row, read.type[4:])
            return
        kind = read.type.removeprefix("begin ")
        item = self.item(row, read, kind)
        self.items.append(item)
        if read.type.startswith("begin "):
            self.open.append((kind, item.name, row.number))

    def item(self, row: Row, read: TypeRead, kind: str) -> Item:
        name = self.name(row, kind)
        self.appearance(row)
        groups = [(what, one) for what, one, _ in self.open]
        repeats = [one for what, one in groups if what == "repeat"]
        plain = {
            column: value
            for column, value in row.cells.items()
            if column in columns.SURVEY and column not in {"type", "name"}
        }
        return Item(
            row=row.number,
            type=kind,
            name=name,
            path=(*(one for _, one in groups), name),
            repeat=repeats[-1] if repeats else "",
            list_name=read.list_name,
            other=read.other,
            labels=row.texts.get("label", {}),
            hints=row.texts.get("hint", {}),
            constraint_messages=row.texts.get("constraint_message", {}),
            required_messages=row.texts.get("required_message", {}),
            cells=plain,
        )

    def name(self, row: Row, kind: str) -> str:
        name = row.get("name")
        if not name:
            if kind not in {"note", *META}:
                self.add(
                    row.number,
                    "name",
                    SheetKind.NAME_MISSING,
                    gettext_noop("This row has no name."),
                )
            return f"row_{row.number}" if kind not in META else kind
        if not NAME.fullmatch(name):
            self.add(
                row.number,
                "name",
                SheetKind.BAD_NAME,
                gettext_noop(
                    "{name} cannot be a name: it begins with a letter or _ and holds letters,"
                    " digits, - _ and . only."
                ),
                name=name,
            )
        elif name in self.first:
            self.add(
                row.number,
                "name",
                SheetKind.DUPLICATE_NAME,
                gettext_noop("The name {name} stands in row {first} too."),
                name=name,
                first=str(self.first[name]),
            )
        self.first.setdefault(name, row.number)
        return name

    def appearance(self, row: Row) -> None:
        for word in row.get("appearance").lower().split():
            if word not in APPEARANCES and not word.startswith(("columns-", "w", "autocomplete_")):
                self.findings.add(
                    self.sheet,
                    row.number,
                    "appearance",
                    SheetKind.UNKNOWN_APPEARANCE,
                    gettext_noop(
                        "The appearance {word} is not known; answers do not depend on it."
                    ),
                    warning=True,
                    word=word,
                )

    def refuse_type(self, row: Row, read: TypeRead, written: str) -> None:
        sentence = {
            "UNSUPPORTED_TYPE": gettext_noop("{type} is not taken; use {instead} instead."),
            "EXTERNAL_FILE": gettext_noop(
                "{type} reads its choices from a file of its own; put them on the sheet of choices"
                " and use select_one or select_multiple."
            ),
            "UNKNOWN_TYPE": gettext_noop("{type} is not a type of question."),
        }[read.fault]
        self.add(
            row.number,
            "type",
            SheetKind(read.fault),
            sentence,
            type=written,
            instead=read.instead,
        )

    def close(self, row: Row, what: str) -> None:
        if not self.open or self.open[-1][0] != what:
            opened = self.open[-1] if self.open else None
            sentence = (
                gettext_noop("This ends a {what}, but the {other} of row {row} is still open.")
                if opened
                else gettext_noop("This ends a {what} that no row began.")
            )
            self.add(
                row.number,
                "type",
                SheetKind.NOT_OPENED,
                sentence,
                what=what,
                other=opened[0] if opened else "",
                row=str(opened[2]) if opened else "",
            )
            if not any(kind == what for kind, _, _ in self.open):
                return
            while self.open[-1][0] != what:
                self.open.pop()
        _, name, number = self.open.pop()
        last = self.items[-1] if self.items else None
        if last is not None and last.is_group and last.row == number:
            self.add(
                number,
                "type",
                SheetKind.EMPTY_GROUP,
                gettext_noop("The {what} {name} holds no question."),
                what=what,
                name=name,
            )

    def finish(self) -> list[Item]:
        for what, name, number in self.open:
            self.add(
                number,
                "type",
                SheetKind.NOT_CLOSED,
                gettext_noop("The {what} {name} begins here and never ends."),
                what=what,
                name=name,
            )
        count = sum(1 for item in self.items if not item.is_group)
        if count > QUESTIONS_MOST:
            self.add(
                0,
                "",
                SheetKind.TOO_MANY,
                gettext_noop("There are {count} questions; at most {most} are taken."),
                count=str(count),
                most=str(QUESTIONS_MOST),
            )
        if not self.items:
            self.add(
                0,
                "",
                SheetKind.NO_QUESTIONS,
                gettext_noop("The sheet holds no question."),
            )
        return self.items
