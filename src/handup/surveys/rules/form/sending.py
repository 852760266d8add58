"""What a page does with answers before they are sent: what does not apply leaves, the rest is
computed without it.
"""

from handup.surveys.rules.form.filling import leaves, new_row
from handup.surveys.rules.form.model import Field
from handup.surveys.rules.form.steps import Look, applies, computed, count_of
from handup.surveys.rules.xpath.nodes import Node

ROUNDS_MOST = 8
ROWS_MOST = 200


def prepare(look: Look) -> list[str]:
    """Empty what does not apply and compute the rest again until nothing changes; return the paths
    that lost an answer. Nothing is computed, and no row made, where nothing is asked.
    """
    dropped: list[str] = []
    for _ in range(ROUNDS_MOST):
        if not _once(look, look.form.root, look.root, dropped):
            break
    return dropped


def _once(look: Look, field: Field, node: Node, dropped: list[str]) -> bool:
    if not applies(look, field, node):
        lost = [(leaf, one) for leaf, one in leaves(field, node) if one.text]
        for leaf, one in lost:
            one.text = ""
            dropped.append(leaf.path)
        return bool(lost)
    changed = _compute(look, field, node)
    for child in field.children:
        changed = _count(look, child, node, dropped) or changed
        for one in node.children.get(child.name, ()):
            changed = _once(look, child, one, dropped) or changed
    return changed


def _compute(look: Look, field: Field, node: Node) -> bool:
    """Compute a calculation again; one that is made once stays as it was made."""
    rule = field.calculate
    if rule is None or field.children or (node.text and not rule.steady):
        return False
    before, node.text = node.text, computed(look, rule, node)
    return node.text != before


def _count(look: Look, field: Field, parent: Node, dropped: list[str]) -> bool:
    """Give a counted repeat its number of rows."""
    if field.kind != "repeat" or field.count is None:
        return False
    wanted = min(max(count_of(look, field.count, parent) or 0, 0), ROWS_MOST)
    rows = parent.children.setdefault(field.name, [])
    missing = wanted - len(rows)
    for _ in range(missing):
        new_row(field, parent)
    dropped += [leaf.path for row in rows[wanted:] for leaf, one in leaves(field, row) if one.text]
    del rows[wanted:]
    return missing != 0
