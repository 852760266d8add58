"""Answers as a tree that has every field of the form: from XML as devices send it, or from JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from handup.surveys.rules.form.loading import PARSER
from handup.surveys.rules.form.model import Field, Form
from handup.surveys.rules.xpath.nodes import Node


class NotAnswers(Exception):
    """The answers cannot be read as answers to this form."""


@dataclass(slots=True)
class Filled:
    """Answers as a tree, and what was found that the form does not ask: path and text."""

    root: Node
    strangers: list[tuple[str, str]] = field(default_factory=list)


def empty(form: Form) -> Filled:
    """A form nobody has answered yet: defaults stand in their places, one row of each repeat whose
    number is not computed.
    """
    return Filled(_blank(form.root, None, first=True))


def new_row(field: Field, parent: Node) -> Node:
    """Add an empty row of a repeat with its defaults."""
    node = parent.add(field.name)
    _fill_blank(field, node)
    return node


def _blank(field: Field, parent: Node | None, *, first: bool) -> Node:
    node = parent.add(field.name) if parent is not None else Node(field.name)
    _fill_blank(field, node)
    return node


def _fill_blank(field: Field, node: Node) -> None:
    node.text = field.default
    for child in field.children:
        if child.kind == "repeat":
            node.children[child.name] = []
            if child.count is None:
                new_row(child, node)
        else:
            _blank(child, node, first=False)


def from_xml(form: Form, body: bytes | etree._Element) -> Filled:
    """Read answers as XML. Raises NotAnswers when it is no XML or of another form."""
    if isinstance(body, bytes):
        body = parsed(body)
    found = Filled(Node(form.root.name))
    _read(form.root, body, found.root, found)
    return found


def parsed(body: bytes) -> etree._Element:
    """Parse a body. Raises NotAnswers when it is no XML or declares a document type."""
    try:
        root = etree.fromstring(body, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAnswers(str(error)) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise NotAnswers("a document type is declared")
    return root


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _read(field: Field, element: etree._Element, node: Node, found: Filled) -> None:
    if not field.children:
        node.text = (element.text or "").strip()
        if len(element):
            found.strangers += [
                (f"{field.path}/{_local(child.tag)}", _text_of(child)) for child in element
            ]
        return
    by_name: dict[str, list[etree._Element]] = {}
    for child in element:
        tag: str = child.tag
        name = tag[tag.rindex("}") + 1 :] if tag[0] == "{" else tag
        if name in by_name:
            by_name[name].append(child)
        else:
            by_name[name] = [child]
    for child_field in field.children:
        name = child_field.name
        given = by_name.pop(name, None)
        if child_field.kind == "repeat":
            node.children[name] = []
            for one in given or ():
                _read(child_field, one, node.add(name), found)
            continue
        inner = Node(name, node)
        node.children[name] = [inner]
        if given is None:
            if child_field.children:
                _leave_empty(child_field, inner)
        elif child_field.children or len(given[0]):
            _read(child_field, given[0], inner, found)
        else:
            inner.text = (given[0].text or "").strip()
        if given is not None and len(given) > 1:
            found.strangers += [(child_field.path, _text_of(one)) for one in given[1:]]
    if by_name and field.kind != "meta":
        for name, elements in by_name.items():
            found.strangers += [(f"{field.path}/{name}", _text_of(one)) for one in elements]


def _text_of(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()[:200]


def _leave_empty(field: Field, node: Node) -> None:
    for child in field.children:
        if child.kind == "repeat":
            node.children[child.name] = []
        else:
            _leave_empty(child, node.add(child.name))


def from_answers(form: Form, answers: Mapping[str, object]) -> Filled:
    """Read answers as nested mappings: a group is a mapping, a repeat a list of mappings, an answer
    a text. Raises NotAnswers when the shape is another.
    """
    found = Filled(Node(form.root.name))
    _read_mapping(form.root, answers, found.root, found)
    return found


def _read_mapping(field: Field, given: object, node: Node, found: Filled) -> None:
    if not field.children:
        if isinstance(given, Mapping | list):
            raise NotAnswers(f"{field.path} holds one answer")
        node.text = "" if given is None else str(given).strip()
        return
    if not isinstance(given, Mapping):
        raise NotAnswers(f"{field.path} holds answers by name")
    rest = dict(given)
    for child in field.children:
        value = rest.pop(child.name, None)
        if child.kind == "repeat":
            node.children[child.name] = []
            if value is not None and not isinstance(value, list):
                raise NotAnswers(f"{child.path} holds a list")
            for one in value or ():
                _read_mapping(child, one, node.add(child.name), found)
        elif value is None:
            _leave_empty(child, node.add(child.name))
        else:
            _read_mapping(child, value, node.add(child.name), found)
    found.strangers += [(f"{field.path}/{name}", str(value)[:200]) for name, value in rest.items()]


def to_answers(field: Field, node: Node) -> object:
    """Write a tree as nested mappings, what is empty left out."""
    if not field.children:
        return node.text
    found: dict[str, object] = {}
    for child in field.children:
        nodes = node.children.get(child.name, [])
        if child.kind == "repeat":
            if nodes:
                found[child.name] = [to_answers(child, one) for one in nodes]
        elif nodes:
            value = to_answers(child, nodes[0])
            if value not in ("", {}):
                found[child.name] = value
    return found


def to_xml(form: Form, node: Node, *, instance_id: str, deprecated_id: str = "") -> bytes:
    """Write a tree as a device would send it: what does not apply or is empty stays empty.

    `deprecated_id`: the state of the same answers which this one takes the place of.
    """
    element = _element(form.root, node)
    element.set("id", form.code)
    if form.version:
        element.set("version", form.version)
    meta = element.find("meta")
    if meta is None:
        meta = etree.SubElement(element, "meta")
    held = meta.find("instanceID")
    if held is None:
        held = etree.SubElement(meta, "instanceID")
    held.text = instance_id
    if deprecated_id:
        earlier = meta.find("deprecatedID")
        if earlier is None:
            earlier = etree.SubElement(meta, "deprecatedID")
        earlier.text = deprecated_id
    return bytes(etree.tostring(element, encoding="utf-8", xml_declaration=True))


def _element(field: Field, node: Node) -> etree._Element:
    element = etree.Element(field.name)
    if not field.children:
        element.text = node.text or None
        return element
    for child in field.children:
        for one in node.children.get(child.name, ()):
            element.append(_element(child, one))
    return element


def leaves(field: Field, node: Node) -> Iterator[tuple[Field, Node]]:
    """Yield every answer under a node with its field, in the order of the form."""
    if not field.children:
        yield field, node
    for child in field.children:
        for one in node.children.get(child.name, ()):
            yield from leaves(child, one)


def most_rows(form: Form, root: Node) -> int:
    """How many rows the longest repeat has, wherever its rows stand."""
    counted = dict.fromkeys(form.repeats, 0)
    waiting = [(form.root, root)]
    while waiting:
        field, node = waiting.pop()
        for child in field.children:
            nodes = node.children.get(child.name, ())
            if child.kind == "repeat":
                counted[child.path] += len(nodes)
            if child.children:
                waiting += [(child, one) for one in nodes]
    return max(counted.values(), default=0)


def place_of(field: Field, node: Node, form: Form) -> str:
    """The path of a node; rows of repeats are counted from 1: /data/worker[2]/age."""
    if not form.repeats:
        return field.path
    names: list[str] = []
    here: Node | None = node
    path = field.path
    while here is not None and here.name:
        row = f"[{here.index + 1}]" if path in form.repeats else ""
        names.append(here.name + row)
        here = here.parent
        path = path.rpartition("/")[0]
    return "/" + "/".join(reversed(names))
