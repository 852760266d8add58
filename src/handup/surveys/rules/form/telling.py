"""A compiled form as plain data for programs that have no XForm reader: the page and the field app
evaluate the same expressions from it (field/forms/form.ts). What is empty is left out.
"""

import math
from collections.abc import Collection, Mapping

from handup.surveys.rules.form.model import Choices, Field, Form, Phrase, Rule
from handup.surveys.rules.xpath.nodes import Node

Told = dict[str, object]


def told_form(form: Form, languages: Collection[str] = ()) -> Told:
    """The form as JSON holds it; of languages only those offered, all when none is named."""
    offered = [code for code in form.languages if not languages or code in languages]
    return {
        "code": form.code,
        "version": form.version,
        "title": form.title,
        "languages": {code: form.languages[code] for code in offered},
        "root": _field(form.root, offered),
        "instances": {name: _node(node) for name, node in form.instances.items()},
        "labels": {
            key: kept
            for key, texts in form.labels.items()
            if (kept := {code: texts[code] for code in offered if code in texts})
        },
        "actions": [
            {"path": one.path, "value": one.value.text, "trigger": one.trigger}
            for one in form.actions
        ],
    }


def _field(field: Field, offered: Collection[str]) -> Told:
    wording = field.wording
    found: Told = {
        "name": field.name,
        "kind": field.kind,
        "type": field.type if field.type != "string" else "",
        "relevant": _rule(field.relevant),
        "required": _rule(field.required),
        "constraint": _rule(field.constraint),
        "calculate": _rule(field.calculate),
        "readonly": _rule(field.readonly),
        "count": _rule(field.count),
        "choices": _choices(field.choices) if field.choices is not None else None,
        "several": field.several,
        "limits": _limits(field.limits) if field.limits is not None else None,
        "preload": field.preload,
        "default": field.default,
        "control": field.control,
        "label": _phrases(wording.label, offered),
        "hint": _phrases(wording.hint, offered),
        "wrong": _phrases(wording.constraint, offered),
        "missing": _phrases(wording.required, offered),
        "children": [_field(child, offered) for child in field.children],
    }
    return {name: value for name, value in found.items() if value not in ("", None, False, {}, [])}


def _rule(rule: Rule | None) -> str | None:
    return None if rule is None else rule.text


def _limits(limits: tuple[float, float]) -> list[float | None]:
    return [limit if math.isfinite(limit) else None for limit in limits]


def _choices(choices: Choices) -> Told:
    return {
        "list": choices.instance,
        "value": choices.value,
        "label": choices.label,
        "nodeset": choices.nodeset,
    }


def _phrases(phrases: Mapping[str, Phrase], offered: Collection[str]) -> Told:
    """Per language a list: a text as it is, an expression in a list of its own."""
    return {
        code: [part if isinstance(part, str) else [part.text] for part in phrase]
        for code, phrase in phrases.items()
        if code in offered and phrase
    }


def _node(node: Node) -> object:
    """A list of choices: a text, or nested objects whose alike children stand in a list."""
    if not node.children:
        return node.text
    return {name: [_node(one) for one in same] for name, same in node.children.items()}
