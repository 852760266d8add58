"""Cuts the text of an expression into tokens; the first thing that is no token stops it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from handup.surveys.rules.xpath.faults import gettext_noop, syntax

LONGEST = 10_000
TYPOGRAPHIC = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"


class Sort(StrEnum):
    """The sorts of tokens."""

    NUMBER = "NUMBER"
    TEXT = "TEXT"
    REFERENCE = "REFERENCE"
    NAME = "NAME"
    OPERATOR = "OPERATOR"
    END = "END"


@dataclass(frozen=True, slots=True)
class Token:
    """One token and its place."""

    sort: Sort
    value: str
    at: int


_NAME = r"[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?"
_PIECE = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<NUMBER>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<TEXT>'[^']*'|\"[^\"]*\")"
    r"|\$\{\s*(?P<REFERENCE>" + _NAME + r")\s*\}"
    r"|(?P<NAME>" + _NAME + r")"
    r"|(?P<OPERATOR>\.\.|::|//|!=|<=|>=|[-+*/=<>|()\[\],.@])"
)
_WORDS = frozenset({"and", "or", "div", "mod"})
_OPENS = frozenset({"(", "[", ",", "@", "::", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">"})
_OPENS_TOO = _OPENS | {">=", "*"} | _WORDS


def tokens(text: str) -> list[Token]:
    """Return the tokens of an expression, ended by END. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise syntax(
            LONGEST,
            gettext_noop("The expression is longer than {most} characters."),
            most=str(LONGEST),
        )
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        sort = match.lastgroup
        if sort not in {None, "space"}:
            found.append(_token(str(sort), str(match.group(str(sort))), at, found))
        at = match.end()
    found.append(Token(Sort.END, "", len(text)))
    return found


def _token(sort: str, value: str, at: int, before: list[Token]) -> Token:
    if sort == "TEXT":
        return Token(Sort.TEXT, value[1:-1], at)
    after_value = bool(before) and not (
        before[-1].sort is Sort.OPERATOR and before[-1].value in _OPENS_TOO
    )
    if sort == "NAME" and value in _WORDS and after_value:
        return Token(Sort.OPERATOR, value, at)
    if sort == "OPERATOR" and value == "*" and not after_value:
        return Token(Sort.NAME, value, at)
    return Token(Sort(sort), value, at)


def _unreadable(text: str, at: int) -> Exception:
    character = text[at]
    if character in TYPOGRAPHIC:
        return syntax(
            at,
            gettext_noop("{character} is a typographic quote; use straight quotes ' or \"."),
            character=character,
        )
    if character in "'\"":
        return syntax(
            at, gettext_noop("A text that starts with {quote} has no end."), quote=character
        )
    if character == "$":
        return syntax(
            at,
            gettext_noop("After $ the name of a question stands in braces, as in {example}."),
            example="${age}",
        )
    return syntax(at, gettext_noop("{character} cannot stand here."), character=character)
