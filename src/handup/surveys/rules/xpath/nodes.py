"""The answers of one form as a tree: what paths walk over."""

from collections.abc import Iterator


class Node:
    """One element: a group or a question with its text; `index` counts alike siblings from 0."""

    __slots__ = ("children", "index", "name", "parent", "text")

    def __init__(self, name: str, parent: "Node | None" = None, text: str = "") -> None:
        """Make a node; `add` joins it to its parent."""
        self.name = name
        self.parent = parent
        self.text = text
        self.index = 0
        self.children: dict[str, list[Node]] = {}

    def add(self, name: str, text: str = "") -> "Node":
        """Add a child of this name after those there are."""
        child = Node(name, self, text)
        same = self.children.setdefault(name, [])
        child.index = len(same)
        same.append(child)
        return child

    def every(self) -> Iterator["Node"]:
        """Yield the children in their order."""
        for same in self.children.values():
            yield from same

    def string(self) -> str:
        """The text of the node and of everything under it."""
        if not self.children:
            return self.text
        return "".join(child.string() for child in self.every())

    def clear(self) -> None:
        """Empty the node and everything under it."""
        self.text = ""
        for child in self.every():
            child.clear()


def tree_of(name: str, content: object) -> Node:
    """Build a tree from nested mappings, lists (repeats) and texts."""
    root = Node(name)
    _fill(root, content)
    return root


def _fill(node: Node, content: object) -> None:
    if not isinstance(content, dict):
        node.text = str(content)
        return
    for name, value in content.items():
        for one in value if isinstance(value, list) else [value]:
            _fill(node.add(name), one)
