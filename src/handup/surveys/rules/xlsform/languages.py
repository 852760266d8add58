"""Which texts a language still lacks: an unfinished one is not published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from handup.surveys.rules.xlsform.definition import Choice, Definition, Texts


@dataclass(frozen=True, slots=True)
class MissingText:
    """One text a language lacks: on which sheet, in which row, of which column."""

    language: str
    sheet: str
    row: int
    column: str
    name: str


def missing_texts(definition: Definition, languages: Sequence[str] = ()) -> list[MissingText]:
    """Every label, hint, choice and message that exists in one language and not in another."""
    wanted = tuple(languages) or definition.languages
    found: list[MissingText] = []
    for item in definition.items:
        texts: dict[str, Texts] = {
            "label": item.labels,
            "hint": item.hints,
            "constraint_message": item.constraint_messages,
            "required_message": item.required_messages,
        }
        for column, given in texts.items():
            if given:
                found += _lacks(wanted, given, "survey", item.row, column, item.name)
    found += _of_choices(definition.lists, wanted)
    return found


def _of_choices(
    lists: Mapping[str, Sequence[Choice]], wanted: Sequence[str]
) -> Iterator[MissingText]:
    for choices in lists.values():
        for choice in choices:
            yield from _lacks(wanted, choice.labels, "choices", choice.row, "label", choice.name)


def _lacks(
    wanted: Sequence[str], given: Texts, sheet: str, row: int, column: str, name: str
) -> Iterator[MissingText]:
    for language in wanted:
        if not given.get(language, "").strip():
            yield MissingText(language, sheet, row, column, name)
