"""What may be wrong with an expression, each with its place in the text and a plain sentence."""

from dataclasses import dataclass
from enum import StrEnum


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the catalogues of the languages; a door translates it."""
    return sentence


class ExpressionKind(StrEnum):
    """The kinds of faults of an expression."""

    SYNTAX = "SYNTAX"
    UNKNOWN_FUNCTION = "UNKNOWN_FUNCTION"
    UNKNOWN_QUESTION = "UNKNOWN_QUESTION"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    WRONG_ARGUMENT_COUNT = "WRONG_ARGUMENT_COUNT"
    WRONG_ARGUMENT = "WRONG_ARGUMENT"
    UNSUPPORTED = "UNSUPPORTED"
    EXTERNAL_FILE = "EXTERNAL_FILE"


@dataclass(frozen=True, slots=True)
class ExpressionFault:
    """One fault; `at` counts characters from 0; the sentence has its parts filled in by name."""

    kind: ExpressionKind
    at: int
    sentence: str
    parts: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The sentence in English with its parts."""
        return self.sentence.format(**dict(self.parts))


class ExpressionError(Exception):
    """An expression that cannot be read further, with the fault that stopped it."""

    def __init__(self, fault: ExpressionFault) -> None:
        """Keep the fault."""
        super().__init__(fault.text())
        self.fault = fault


def syntax(at: int, sentence: str, **parts: str) -> ExpressionError:
    """Make the error of a text that cannot be read."""
    return ExpressionError(
        ExpressionFault(ExpressionKind.SYNTAX, at, sentence, tuple(parts.items()))
    )
