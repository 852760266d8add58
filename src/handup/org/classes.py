"""The class of every stored field, from open to restricted (protection.md section 3)."""

from enum import StrEnum


class DataClass(StrEnum):
    """How sensitive a field is; exports, the read log and role tables go by it."""

    O = "O"  # noqa: E741  (the document's own letter: open)
    I = "I"  # noqa: E741  (internal)
    P = "P"
    S = "S"
    R = "R"


ORDER = (DataClass.O, DataClass.I, DataClass.P, DataClass.S, DataClass.R)


def classify(
    *,
    O: str = "",  # noqa: E741  (the document's own letter)
    I: str = "",  # noqa: E741  (the document's own letter)
    P: str = "",
    S: str = "",
    R: str = "",
) -> dict[str, DataClass]:
    """Build a field table from names separated by spaces; one given twice is a mistake."""
    table: dict[str, DataClass] = {}
    for klass, names in (
        (DataClass.O, O),
        (DataClass.I, I),
        (DataClass.P, P),
        (DataClass.S, S),
        (DataClass.R, R),
    ):
        for name in names.split():
            if name in table:
                raise ValueError(f"field {name} is classified twice")
            table[name] = klass
    return table


def highest(classes: list[DataClass]) -> DataClass:
    """Return the most sensitive class of a list, O for an empty one."""
    return max(classes, key=ORDER.index, default=DataClass.O)
