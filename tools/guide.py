"""The guide of each role as a document: what the page "Your guide" tells (handup/org/web/guide.py),
with its picture, for those who read before they sign in.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from handup.org.rules.access import SECOND_FACTOR_ROLES, Role
from handup.org.web import labels
from handup.org.web.guide import (
    OPENINGS,
    PARTS,
    PICTURES,
    acts_of,
    file_of,
    pages_of,
    picture_file,
)
from handup.org.web.navigation import LABELS, Section
from tools.steps import ROOT

FOLDER = ROOT / "docs/guide"
STATIC = ROOT / "src/handup/static"


def name_of(role: Role) -> str:
    """The file of a role's guide."""
    return f"{file_of(role)}.md"


def link_to(picture: Path) -> str:
    """How a guide names a picture."""
    return Path(os.path.relpath(picture, FOLDER)).as_posix()


def guide_of(role: Role) -> str:
    """One role's guide."""
    factor = (
        "Signing in asks for your password and a second step: an app on your phone or a passkey."
        if role in SECOND_FACTOR_ROLES
        else "Signing in asks for your password. A second step is offered; take it."
    )
    top = [f"# {labels.role(role)}", "", str(OPENINGS[role]), "", factor]
    return "\n".join([*top, *_picture(role), *_found(role)])


def _picture(role: Role) -> Iterator[str]:
    if picture := PICTURES.get(role):
        yield from ("", f"![{picture.says}]({link_to(STATIC / picture_file(role))})")


def _found(role: Role) -> Iterator[str]:
    yield from (
        "",
        "## Where it stands",
        "",
        "The list at the left (on a phone: *Menu*) shows you:",
    )
    yield ""
    pages = pages_of(role)
    for section in Section:
        if section in pages:
            names = ", ".join(str(entry.label) for entry in pages[section])
            yield f"- **{LABELS[section]}**: {names}"
    yield from (
        "",
        "You see a page only where your role needs it. If one is missing, ask your manager.",
    )
    yield from ("", "## What you may do", "")
    for domain, said in acts_of(role).items():
        yield f"- *{PARTS[domain]}*: {'; '.join(said)}"
    yield from (
        "",
        "Who may do what, door by door, is tested: [the matrix](../security/authorisation.md).",
    )
    yield ""


def index() -> str:
    """The list of guides."""
    lines = ["# Guides", "", "One page for each role. Open yours first.", ""]
    lines += [f"- [{labels.role(role)}]({name_of(role)})" for role in Role]
    lines += [
        "",
        "Written by `make docs`: the openings by hand (`handup/org/web/guide.py`), pages and acts"
        " from the house. The pictures are made from the running program by `make pictures`.",
        "In the program each reads her own under *Your guide*.",
    ]
    return "\n".join([*lines, ""])
