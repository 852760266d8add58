"""An XForm becomes a form: its instance, binds and controls joined, each expression prepared."""

import math
import re
from collections.abc import Mapping
from functools import cached_property

from lxml import etree

from handup.surveys.rules.form.model import Action, Choices, Field, Form, Rule, Wording
from handup.surveys.rules.form.texts import XF, Texts
from handup.surveys.rules.xpath.compiling import Evaluate, compile_text, compile_tree
from handup.surveys.rules.xpath.functions import UNSTEADY
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.parser import parse
from handup.surveys.rules.xpath.tree import Call, Expression, Path, Reference, Text, walk

H = "{http://www.w3.org/1999/xhtml}"
JR = "{http://openrosa.org/javarosa}"
META = frozenset({"instanceID", "instanceName", "deprecatedID", "timeStart", "timeEnd", "audit"})
CONTROLS = frozenset({"input", "select1", "select", "upload", "trigger", "range", "rank"})


class NotAForm(Exception):
    """The text is not an XForm this program can use."""


def secure_parser() -> etree.XMLParser:
    """A parser that fetches nothing, knows no entities and builds no giant trees."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


PARSER = secure_parser()


def load(xform: bytes) -> Form:
    """Read an XForm. Raises NotAForm; ExpressionError for an expression that was not checked."""
    try:
        document = etree.fromstring(xform, PARSER)
    except etree.XMLSyntaxError as error:
        raise NotAForm(str(error)) from error
    return _Loader(document).form()


def _no_reference(name: str) -> Path:
    raise NotAForm(f"${{{name}}} is left in a compiled form")


def rule(text: str, *, external: frozenset[str] = frozenset()) -> Rule:
    """Prepare one expression and say how far its result can be trusted to stay the same."""
    tree = parse(text)
    names = {one.name for one in walk(tree) if isinstance(one, Call)}
    return Rule(
        text=text.strip(),
        evaluate=compile_tree(tree, _no_reference),
        steady=not names & UNSTEADY,
        external=_reads_outside(tree, external),
        labels="jr:choice-name" in names,
    )


def _reads_outside(tree: Expression, external: frozenset[str]) -> bool:
    """Whether an expression reads a list the form does not hold."""
    for one in walk(tree):
        if not isinstance(one, Call):
            continue
        if one.name == "pulldata":
            return True
        listed = one.arguments[0] if one.name == "instance" else None
        if isinstance(listed, Text) and listed.value in external:
            return True
    return False


class _Loader:
    """One pass over an XForm."""

    def __init__(self, document: etree._Element) -> None:
        model = document.find(f"{H}head/{XF}model")
        body = document.find(f"{H}body")
        instance = model.find(f"{XF}instance") if model is not None else None
        if model is None or body is None or instance is None or len(instance) == 0:
            raise NotAForm("a model with an instance and a body are needed")
        self.document = document
        self.model = model
        self.body = body
        self.primary = instance[0]
        self.texts = Texts(model, self.prepare)

    def prepare(self, text: str) -> Evaluate:
        return compile_text(text, _no_reference)

    @cached_property
    def binds(self) -> Mapping[str, etree._Element]:
        return {
            re.sub(r"\s", "", one.get("nodeset") or ""): one
            for one in self.model.iterfind(f"{XF}bind")
        }

    @cached_property
    def controls(self) -> Mapping[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for one in self.body.iter(f"{XF}*"):
            name = etree.QName(one).localname
            if name in CONTROLS or (name == "group" and one.get("ref")):
                found.setdefault((one.get("ref") or "").strip(), one)
        return found

    @cached_property
    def repeats(self) -> Mapping[str, etree._Element]:
        return {(one.get("nodeset") or "").strip(): one for one in self.body.iter(f"{XF}repeat")}

    @cached_property
    def external(self) -> frozenset[str]:
        return frozenset(
            str(one.get("id")) for one in self.model.iterfind(f"{XF}instance") if one.get("src")
        )

    def form(self) -> Form:
        name = etree.QName(self.primary).localname
        instances = self.instances()
        root = self.field(self.primary, "")
        return Form(
            code=self.primary.get("id") or name,
            version=self.primary.get("version") or "",
            title=self.document.findtext(f"{H}head/{H}title") or name,
            root=root,
            instances=instances,
            items={key: _by_value(node) for key, node in instances.items()},
            languages=self.texts.languages,
            labels=self.texts.plain(),
            actions=tuple(self.actions()),
            repeats=frozenset(self.repeats),
        )

    def instances(self) -> dict[str, Node]:
        found = {}
        for one in self.model.iterfind(f"{XF}instance"):
            if one.get("id") and not one.get("src") and len(one):
                found[str(one.get("id"))] = _node(one[0])
        return found

    def field(self, element: etree._Element, above: str) -> Field:
        name = etree.QName(element).localname
        path = f"{above}/{name}"
        children = []
        seen: set[str] = set()
        for child in element:
            key = etree.QName(child).localname
            if key not in seen:
                seen.add(key)
                children.append(self.field(child, path))
        bind = self.binds.get(path)
        control = self.controls.get(path)
        kind = self.kind(name, path, bool(children), above)
        relevant = self.bound(bind, "relevant")
        return Field(
            name=name,
            path=path,
            kind=kind,
            type=(bind.get("type") if bind is not None else None) or "string",
            children=tuple(children),
            relevant=relevant,
            decides=relevant is not None or any(child.decides for child in children),
            required=self.bound(bind, "required"),
            constraint=self.bound(bind, "constraint"),
            calculate=self.bound(bind, "calculate"),
            readonly=self.bound(bind, "readonly"),
            count=self.count(path),
            choices=self.choices(control),
            several=control is not None and etree.QName(control).localname == "select",
            limits=_limits(control),
            preload=_preload(bind),
            default="" if children else (element.text or "").strip(),
            control=etree.QName(control).localname if control is not None else "",
            wording=self.wording(bind, control),
        )

    def kind(self, name: str, path: str, has_children: bool, above: str) -> str:
        if path in self.repeats:
            return "repeat"
        if name == "meta" or above.endswith("/meta"):
            return "meta"
        return "group" if has_children else "question"

    def bound(self, bind: etree._Element | None, attribute: str) -> Rule | None:
        text = bind.get(attribute) if bind is not None else None
        if text is None or not text.strip() or text.strip() == "false()":
            return None
        if attribute == "relevant" and text.strip() == "true()":
            return None
        return rule(text, external=self.external)

    def count(self, path: str) -> Rule | None:
        repeat = self.repeats.get(path)
        text = repeat.get(f"{JR}count") if repeat is not None else None
        return rule(text, external=self.external) if text else None

    def wording(self, bind: etree._Element | None, control: etree._Element | None) -> Wording:
        label = control.find(f"{XF}label") if control is not None else None
        hint = control.find(f"{XF}hint") if control is not None else None
        return Wording(
            label=self.texts.of_element(label),
            hint=self.texts.of_element(hint),
            constraint=self.texts.of_reference(
                bind.get(f"{JR}constraintMsg") if bind is not None else None
            ),
            required=self.texts.of_reference(
                bind.get(f"{JR}requiredMsg") if bind is not None else None
            ),
            appearance=(control.get("appearance") if control is not None else None) or "",
        )

    def choices(self, control: etree._Element | None) -> Choices | None:
        itemset = control.find(f"{XF}itemset") if control is not None else None
        if itemset is None:
            return None
        tree = _unwrapped(parse(itemset.get("nodeset") or ""))
        if not (isinstance(tree, Path) and isinstance(tree.base, Call) and len(tree.steps) == 2):
            raise NotAForm("choices come from a list of the form")
        listed = tree.base.arguments[0]
        assert isinstance(listed, Text)
        value = itemset.find(f"{XF}value")
        label = itemset.find(f"{XF}label")
        return Choices(
            instance=listed.value,
            value=(value.get("ref") if value is not None else None) or "name",
            label=(label.get("ref") if label is not None else None) or "label",
            filters=tuple(compile_tree(one, _no_reference) for one in tree.steps[1].predicates),
            external=any(_reads_outside(one, self.external) for one in tree.steps[1].predicates),
            nodeset=itemset.get("nodeset") or "",
        )

    def actions(self) -> list[Action]:
        found = []
        for one in self.document.iter(f"{XF}setvalue"):
            above = one.getparent()
            trigger = (above.get("ref") or "").strip() if above is not None else ""
            event = one.get("event") or ""
            text = one.get("value") or "''"
            changed = "xforms-value-changed" in event
            found.append(
                Action(
                    (one.get("ref") or "").strip(),
                    rule(text, external=self.external),
                    trigger if changed else "",
                )
            )
        return found


def _preload(bind: etree._Element | None) -> str:
    """What the device fills in by itself: `timestamp start`, `date today`, `property deviceid`."""
    if bind is None:
        return ""
    parts = [bind.get(f"{JR}preload") or "", bind.get(f"{JR}preloadParams") or ""]
    return " ".join(part for part in parts if part)


def _unwrapped(tree: Expression) -> Expression:
    if isinstance(tree, Call) and tree.name == "randomize":
        return tree.arguments[0]
    assert not isinstance(tree, Reference)
    return tree


def _node(element: etree._Element) -> Node:
    node = Node(etree.QName(element).localname, None, (element.text or "").strip())
    for child in element:
        inner = _node(child)
        inner.parent = node
        same = node.children.setdefault(inner.name, [])
        inner.index = len(same)
        same.append(inner)
    return node


def _by_value(root: Node) -> dict[str, tuple[Node, ...]]:
    found: dict[str, list[Node]] = {}
    for item in root.every():
        for value in item.children.get("name", ()):
            found.setdefault(value.text, []).append(item)
    return {key: tuple(items) for key, items in found.items()}


def _limits(control: etree._Element | None) -> tuple[float, float] | None:
    if control is None or etree.QName(control).localname != "range":
        return None
    start, end = float(control.get("start") or -math.inf), float(control.get("end") or math.inf)
    return min(start, end), max(start, end)
