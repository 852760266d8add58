"""The documents say what is there: every folder, every word, every link, every decision."""

import re
from pathlib import Path

from django.apps import apps
from PIL import Image

from handup import cli
from handup.config.environment import Environment
from handup.org.rules.access import Role
from handup.org.web.guide import PICTURES, pages_of, picture_file
from handup.org.web.navigation import LABELS, Section
from tests import source
from tools import docs, guide
from tools.commands import COMMANDS

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TYPED = re.compile(r"(?:`|^    (?:sudo )?)(make|handup) ([a-z][a-z-]*)", re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]+)\]\(([^)\s]+)\)")
LARGEST_PICTURE = 40_000  # bytes
LONGEST_OPENING = 300  # words of the README before the map
PARTS_OF_A_DECISION = ("## Why", "## What follows")


def read(name: str) -> str:
    return (source.ROOT / name).read_text(encoding="utf-8")


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    own = [*source.ROOT.glob("*.md"), *(source.ROOT / "docs").rglob("*.md")]
    return [*own, *source.files(".md")]


def test_the_readme_names_the_two_commands_and_is_short_before_the_map() -> None:
    text = read("README.md")
    assert "make run" in text
    assert "make test" in text
    opening = text.split("## The map")[0]
    assert len(opening.split()) <= LONGEST_OPENING


def test_the_map_names_every_folder() -> None:
    map_text = read("README.md").split("## The map")[1]
    aside = {"build", "data"}
    top = [path.name for path in source.ROOT.iterdir() if path.is_dir()]
    folders = [name for name in top if not name.startswith((".", "__")) and name not in aside]
    inside = [path.name for path in source.HOUSE.iterdir() if path.is_dir()]
    folders += [name for name in inside if not name.startswith("__")]
    missing = [name for name in folders if name != "src" and f"{name}/" not in map_text]
    assert not missing


def test_links_lead_somewhere() -> None:
    broken = []
    for path in documents():
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:", "mailto:", "#")):
                file = path.parent / target.split("#")[0]
                if not file.exists():
                    broken.append(f"{source.name(path)}: {target}")
    assert not broken


def test_decisions_are_numbered_and_say_why() -> None:
    files = sorted((source.ROOT / "docs/decisions").glob("[0-9]*.md"))
    numbers = [int(path.name[:4]) for path in files]
    assert numbers == list(range(1, len(files) + 1))
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        assert all(part in text for part in PARTS_OF_A_DECISION), path.name
        assert len(text.splitlines()) <= 60, path.name


def test_the_glossary_has_every_models_word() -> None:
    glossary = read("docs/glossary.md")
    models = [model for model in apps.get_models() if model.__module__.startswith("handup.")]
    words = {model.__name__ for model in models if not model.__name__.startswith("Historical")}
    missing = sorted(word for word in words if f"**{word}**" not in glossary)
    assert not missing


def test_the_guide_of_each_role_names_the_pages_she_finds_and_no_other() -> None:
    """Read by the words of its list: a page that came or went since `make docs` is found."""
    wrong = []
    for role in Role:
        text = read(f"docs/guide/{guide.name_of(role)}")
        for section in Section:
            said = re.search(rf"^- \*\*{LABELS[section]}\*\*: (.*)$", text, re.MULTILINE)
            named = said[1] if said else ""
            found = ", ".join(str(entry.label) for entry in pages_of(role).get(section, ()))
            if named != found:
                wrong.append((role.value, section.value, named, found))
    assert wrong == []


def test_each_guide_shows_the_page_its_role_begins_at_and_no_picture_lies_about() -> None:
    """The pictures themselves are drawn anew in each run (tests/browser/test_guide_pictures.py)."""
    shown: dict[str, tuple[str, str]] = {}
    for role in Role:
        for says, link in PICTURE.findall(read(f"docs/guide/{guide.name_of(role)}")):
            assert role.value not in shown, "one picture a guide"
            shown[role.value] = (says, link)
    folder = guide.STATIC / "guide"
    wanted = {
        role.value: (picture.says, guide.link_to(guide.STATIC / picture_file(role)))
        for role, picture in PICTURES.items()
    }
    assert shown == wanted, "make docs writes them anew"
    assert {path.name for path in folder.iterdir()} == {
        Path(picture_file(role)).name for role in PICTURES
    }, "make pictures draws them"
    for role, picture in PICTURES.items():
        file = guide.STATIC / picture_file(role)
        with Image.open(file) as drawn:
            assert (drawn.format, drawn.size) == ("WEBP", (picture.width, picture.height)), file
        assert file.stat().st_size <= LARGEST_PICTURE, file


def test_every_command_and_setting_is_documented() -> None:
    reference = read("docs/reference.md")
    assert not [name for name in COMMANDS if f"`make {name}`" not in reference]
    told = read("docs/settings.md")
    settings = [f"HANDUP_{name.upper()}" for name in Environment.__dataclass_fields__]
    assert not [name for name in settings if f"`{name}`" not in told]
    assert told == docs.settings(), "make docs writes it anew"


def test_every_command_a_document_tells_to_type_is_there() -> None:
    known = {"make": {*COMMANDS, "help"}, "handup": {*cli.COMMANDS, "help"}}
    named = [
        (source.name(path), program, word)
        for path in documents()
        for program, word in TYPED.findall(path.read_text(encoding="utf-8"))
    ]
    assert [told for told in named if told[2] not in known[told[1]]] == []
    assert {"verify", "restore", "run"} <= {word for _path, _program, word in named}


def test_contributing_names_an_example_file_for_each_of_the_twelve_rules() -> None:
    rules = re.findall(
        r"^\d+\. .*?(?=^\d+\. |\Z)", read("CONTRIBUTING.md"), re.MULTILINE | re.DOTALL
    )
    assert len(rules) == 12
    for rule in rules:
        named = [name for name in re.findall(r"`([\w/.-]+\.\w+)`", rule) if "/" in name]
        assert named, rule
        assert [name for name in named if (source.ROOT / name).exists()], rule
