"""What a compiled form is: fields in their order with prepared rules, lists of choices, texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from handup.surveys.rules.xpath.compiling import Evaluate
from handup.surveys.rules.xpath.nodes import Node


@dataclass(frozen=True, slots=True)
class Output:
    """A value said inside a text: the expression as it stands, and what it gives."""

    text: str
    evaluate: Evaluate


Phrase = tuple[str | Output, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One prepared expression. `steady`: it gives the same at every look; `external`: it reads a
    list the form does not hold; `labels`: it reads labels, which depend on the language.
    """

    text: str
    evaluate: Evaluate
    steady: bool = True
    external: bool = False
    labels: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the choices of a question come from: items of a list that pass every filter, which
    may read a list the form does not hold (`external`).
    """

    instance: str
    value: str
    label: str
    filters: tuple[Evaluate, ...] = ()
    external: bool = False
    nodeset: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of a field by language code; a phrase holds texts and values to fill in."""

    label: Mapping[str, Phrase] = field(default_factory=dict)
    hint: Mapping[str, Phrase] = field(default_factory=dict)
    constraint: Mapping[str, Phrase] = field(default_factory=dict)
    required: Mapping[str, Phrase] = field(default_factory=dict)
    appearance: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One element of the answers: `kind` is group, repeat, question or meta."""

    name: str
    path: str
    kind: str
    type: str = "string"
    children: tuple["Field", ...] = ()
    relevant: Rule | None = None
    required: Rule | None = None
    constraint: Rule | None = None
    calculate: Rule | None = None
    readonly: Rule | None = None
    count: Rule | None = None
    choices: Choices | None = None
    several: bool = False
    limits: tuple[float, float] | None = None
    preload: str = ""
    default: str = ""
    control: str = ""
    wording: Wording = field(default_factory=Wording)
    decides: bool = False  # something in here or inside may not apply

    def every(self) -> Iterator["Field"]:
        """Yield the field and all inside it, in the order of the form."""
        yield self
        for child in self.children:
            yield from child.every()


@dataclass(frozen=True, slots=True)
class Action:
    """A value set when the form opens (no `trigger`) or when another answer changes."""

    path: str
    value: Rule
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form; languages by code with their names, the default first."""

    code: str
    version: str
    title: str
    root: Field
    instances: Mapping[str, Node]
    items: Mapping[str, Mapping[str, tuple[Node, ...]]]
    languages: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    actions: tuple[Action, ...] = ()
    repeats: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Field]:
        """Every field by its path."""
        return {one.path: one for one in self.root.every()}
