"""The sheet of choices: lists that are there, choices once each, labels."""

from collections.abc import Mapping, Sequence

from handup.surveys.rules.xlsform.definition import Choice, Item
from handup.surveys.rules.xlsform.faults import SheetKind, gettext_noop
from handup.surveys.rules.xlsform.table import Findings, Table

CHOICES_MOST = 20_000


def lists_of(
    table: Table | None, findings: Findings, *, twice: bool
) -> dict[str, tuple[Choice, ...]]:
    """Read the lists; the same choice twice in a list is a fault unless the form allows it."""
    if table is None:
        return {}
    lists: dict[str, list[Choice]] = {}
    first: dict[tuple[str, str], int] = {}
    count = 0
    for row in table.rows:
        list_name, name = row.get("list_name"), row.get("name")
        if not list_name and not name:
            continue
        count += 1
        if not list_name or not name:
            column = "name" if list_name else "list_name"
            findings.add(
                table.name,
                row.number,
                column,
                SheetKind.NAME_MISSING,
                gettext_noop("This choice has no name.")
                if list_name
                else gettext_noop("This choice belongs to no list."),
            )
            continue
        if (list_name, name) in first and not twice:
            findings.add(
                table.name,
                row.number,
                "name",
                SheetKind.DUPLICATE_CHOICE,
                gettext_noop("The choice {name} stands in row {first} of this list too."),
                name=name,
                first=str(first[list_name, name]),
            )
        first.setdefault((list_name, name), row.number)
        extra = {k: v.strip() for k, v in row.cells.items() if k not in {"list_name", "name"}}
        labels = row.texts.get("label", {})
        lists.setdefault(list_name, []).append(Choice(row.number, name, labels, extra))
    if count > CHOICES_MOST:
        findings.add(
            table.name,
            0,
            "",
            SheetKind.TOO_MANY,
            gettext_noop("There are {count} choices; at most {most} are taken."),
            count=str(count),
            most=str(CHOICES_MOST),
        )
    return {name: tuple(choices) for name, choices in lists.items()}


def check_lists(
    items: Sequence[Item], lists: Mapping[str, Sequence[Choice]], sheet: str, findings: Findings
) -> None:
    """Every question that offers choices has its list; codes chosen together have no spaces."""
    for item in items:
        if item.type not in {"select_one", "select_multiple"}:
            continue
        if item.list_name not in lists:
            findings.add(
                sheet,
                item.row,
                "type",
                SheetKind.LIST_MISSING,
                gettext_noop("There is no list {list} on the sheet of choices."),
                list=item.list_name,
            )
        elif item.type == "select_multiple":
            for choice in lists[item.list_name]:
                if " " in choice.name:
                    findings.add(
                        "choices",
                        choice.row,
                        "name",
                        SheetKind.BAD_NAME,
                        gettext_noop(
                            "The choice {name} has a space, which would split it into two answers."
                        ),
                        name=choice.name,
                    )
