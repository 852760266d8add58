"""Reads tokens into a tree, by the grammar of XPath 1.0 with `${name}` as one more start."""

from handup.surveys.rules.xpath.faults import (
    ExpressionError,
    ExpressionFault,
    ExpressionKind,
    gettext_noop,
)
from handup.surveys.rules.xpath.faults import syntax as _syntax
from handup.surveys.rules.xpath.lexer import Sort, Token, tokens
from handup.surveys.rules.xpath.tree import (
    Binary,
    Call,
    Expression,
    Minus,
    Number,
    Path,
    Reference,
    Step,
    Text,
)

DEEPEST = 60
LONGEST_CHAIN = 400
LEVELS = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)


def parse(text: str) -> Expression:
    """Read an expression. Raises ExpressionError at the first place that cannot be read."""
    return _Reader(tokens(text)).whole()


class _Reader:
    """One pass over the tokens."""

    def __init__(self, given: list[Token]) -> None:
        self.tokens = given
        self.next = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def whole(self) -> Expression:
        if self.is_end():
            raise _syntax(0, gettext_noop("There is no expression."))
        found = self.expression()
        if not self.is_end():
            raise self.unexpected()
        return found

    def expression(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _syntax(
                self.token.at,
                gettext_noop("The expression has too many brackets inside each other."),
            )
        found = self.level(0)
        self.depth -= 1
        return found

    def level(self, number: int) -> Expression:
        """One level of operators that bind alike, from left to right.

        Each bracket takes a call a level: no more, so that the deepest fits beside what calls.
        """
        last = number == len(LEVELS) - 1
        found = self.unary() if last else self.level(number + 1)
        length = 0
        while self.is_operator(*LEVELS[number]):
            operator = self.take()
            length += 1
            if length > LONGEST_CHAIN:
                raise _syntax(
                    operator.at, gettext_noop("The expression has too many parts in one row.")
                )
            right = self.unary() if last else self.level(number + 1)
            found = Binary(operator.value, found, right, operator.at)
        return found

    def unary(self) -> Expression:
        signs = []
        while self.is_operator("-"):
            signs.append(self.take().at)
        found = self.path()
        for at in reversed(signs[-2:] if len(signs) % 2 == 0 else signs[-1:]):
            found = Minus(found, at)
        if self.is_operator("|"):
            raise _unsupported(self.token.at, gettext_noop("Paths cannot be joined with |."))
        return found

    def path(self) -> Expression:
        token = self.token
        if self.is_operator("/"):
            self.take()
            return Path(True, None, (), self.steps(), token.at)
        base = self.primary()
        if base is None:
            return Path(False, None, (), self.steps(), token.at)
        predicates = self.predicates()
        steps: tuple[Step, ...] = ()
        if self.is_operator("/"):
            self.take()
            steps = self.steps()
        if not predicates and not steps:
            return base
        return Path(False, base, predicates, steps, token.at)

    def primary(self) -> Expression | None:
        """A value, a function or a bracket; nothing where a path starts."""
        token = self.token
        if token.sort is Sort.NUMBER:
            return Number(float(self.take().value), token.at)
        if token.sort is Sort.TEXT:
            return Text(self.take().value, token.at)
        if token.sort is Sort.REFERENCE:
            return Reference(self.take().value, token.at)
        if self.is_operator("("):
            self.take()
            found = self.expression()
            self.close(")", token.at)
            return found
        following = self.tokens[self.next + 1] if token.sort is Sort.NAME else token
        if following.sort is Sort.OPERATOR and following.value == "(" and following is not token:
            return self.call()
        return None

    def call(self) -> Call:
        name = self.take()
        opened = self.take()
        arguments: list[Expression] = []
        if not self.is_operator(")"):
            arguments.append(self.expression())
            while self.is_operator(","):
                self.take()
                arguments.append(self.expression())
        self.close(")", opened.at)
        return Call(name.value, tuple(arguments), name.at)

    def steps(self) -> tuple[Step, ...]:
        found = [self.step()]
        while self.is_operator("/"):
            self.take()
            found.append(self.step())
        return tuple(found)

    def step(self) -> Step:
        token = self.token
        if self.is_operator("@"):
            raise _unsupported(
                token.at, gettext_noop("Attributes cannot be read in an expression.")
            )
        if token.sort is Sort.NAME or self.is_operator(".", ".."):
            self.take()
            if self.is_operator("::"):
                raise _unsupported(
                    token.at, gettext_noop("Axes such as {name}:: cannot be used."), token.value
                )
            return Step(token.value, self.predicates(), token.at)
        raise self.unexpected()

    def predicates(self) -> tuple[Expression, ...]:
        found = []
        while self.is_operator("["):
            opened = self.take()
            found.append(self.expression())
            self.close("]", opened.at)
        return tuple(found)

    def is_end(self) -> bool:
        return self.token.sort is Sort.END

    def is_operator(self, *values: str) -> bool:
        return self.token.sort is Sort.OPERATOR and self.token.value in values

    def take(self) -> Token:
        token = self.token
        self.next += 1
        return token

    def close(self, bracket: str, opened: int) -> None:
        if self.is_operator(bracket):
            self.take()
        elif self.is_end():
            raise _syntax(opened, gettext_noop("The bracket opened here is never closed."))
        else:
            raise self.unexpected()

    def unexpected(self) -> ExpressionError:
        if self.is_operator("//"):
            return _unsupported(
                self.token.at, gettext_noop("A path names each step; // cannot be used.")
            )
        if self.is_end():
            return _syntax(
                self.token.at, gettext_noop("The expression ends where a value is expected.")
            )
        shown = self.token.value or "''"
        return _syntax(self.token.at, gettext_noop("{token} cannot stand here."), token=shown)


def _unsupported(at: int, sentence: str, name: str = "") -> ExpressionError:
    return ExpressionError(
        ExpressionFault(ExpressionKind.UNSUPPORTED, at, sentence, (("name", name),))
    )
