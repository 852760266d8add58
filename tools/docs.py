"""Writes the parts of the documents that the program itself knows, and all of them as pages.

`make docs` brings `docs/reference.md` (commands), `docs/settings.md` and the list of words in
`docs/glossary.md` in step with the code, and renders every document into `build/docs/`.
"""

import html
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import django
from markdown_it import MarkdownIt

from tools.commands import COMMANDS
from tools.steps import BUILD, ROOT, say

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference.md"
SETTINGS = DOCS / "settings.md"
GLOSSARY = DOCS / "glossary.md"
LIST_BEGINS = "<!-- the list below is written by `make docs` from the models' docstrings -->"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui}}
table{{border-collapse:collapse}}
td,th{{border:1px solid;padding:.25rem .5rem;text-align:left}}</style>
{body}</html>
"""


def _first(text: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def reference() -> str:
    """Every command of `make`, as the code declares them."""
    lines = ["# Reference", "", "Written by `make docs` from the code.", "", "## Commands", ""]
    lines += [_row("command", "what it does"), _row("---", "---")]
    lines += [_row(f"`make {name}`", _first(call.__doc__)) for name, call in COMMANDS.items()]
    lines += ["", "`handup help` lists the commands of the program itself."]
    lines += ["", "Settings: [settings.md](settings.md)."]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Every setting, as the code declares it."""
    from handup.config.environment import Environment

    lines = ["# Settings", "", "Written by `make docs` from the code.", ""]
    lines += [
        "Each is a variable of the surroundings: in `/etc/handup/handup.env` on a server set up"
    ]
    lines += [
        "by `deploy/install.sh`, before the command elsewhere. They are read once, at start. An"
    ]
    lines += [
        "unknown name, a number outside its bounds or a word that is none stops the start and"
    ]
    lines += ["says what it must be. `handup check --deploy` looks at all of them together.", ""]
    lines += [_row("variable", "default", "what it is for"), _row("---", "---", "---")]
    for item in fields(Environment):
        default = f"`{item.default}`" if item.default else "empty"
        lines.append(_row(f"`HANDUP_{item.name.upper()}`", default, item.metadata["says"]))
    return "\n".join(lines) + "\n"


def words() -> Iterator[str]:
    """Every model's word by domain, with the first paragraph of its docstring."""
    from django.apps import apps

    for config in apps.get_app_configs():
        models = [model for model in config.get_models() if not hasattr(model, "history_object")]
        own = [model for model in models if model.__module__.startswith("handup.")]
        if own:
            yield f"\n### {config.label}\n"
        for model in sorted(own, key=lambda model: model.__name__):
            yield f"- **{model.__name__}**: {_first(model.__doc__)}"


def glossary() -> str:
    """The hand-written opening of the glossary as it stands, and the list of words anew."""
    opening = GLOSSARY.read_text(encoding="utf-8").split(LIST_BEGINS)[0]
    return f"{opening}{LIST_BEGINS}\n" + "\n".join(words()) + "\n"


def render() -> int:
    """Turn every document into a page of `build/docs`, with the pictures; return how many."""
    markdown = MarkdownIt("commonmark").enable("table")
    sources = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "src/handup").glob("*/README.md")]
    for source in sources:
        target = (BUILD / "docs" / source.relative_to(ROOT)).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        body = re.sub(r'(href="(?!https?:)[^"]+)\.md(["#])', r"\1.html\2", markdown.render(text))
        title = html.escape(text.split("\n", 1)[0].lstrip("# "))
        target.write_text(PAGE.format(title=title, body=body), encoding="utf-8")
    for folder in ("docs/images", "src/handup/static/guide"):
        shutil.copytree(ROOT / folder, BUILD / "docs" / folder, dirs_exist_ok=True)
    return len(sources)


def guides() -> dict[Path, str]:
    """The guide of each role, by its file."""
    from handup.org.rules.access import Role
    from tools import guide

    found = {DOCS / "guide" / guide.name_of(role): guide.guide_of(role) for role in Role}
    return {DOCS / "guide" / "README.md": guide.index(), **found}


def main() -> int:
    """Write what the code knows, then the pages."""
    django.setup()
    (DOCS / "guide").mkdir(exist_ok=True)
    known = {REFERENCE: reference(), SETTINGS: settings(), GLOSSARY: glossary(), **guides()}
    for path, text in known.items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(text, encoding="utf-8")
        say(f"{path.relative_to(ROOT)}: {'as it was' if old == text else 'written anew'}")
    say(f"{render()} documents in {Path('build/docs')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
