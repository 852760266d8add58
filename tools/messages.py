"""Collects every text a person reads and keeps the catalogues of the languages in step with them.

`python -m tools.messages` (in `.venv`) writes new texts into the `django.po` of each language,
keeps what is translated, and drops what is no longer said. Texts come from Python (gettext and its
relatives), from templates, from the offline app (`t("…")` in `field/app`), from the tables of
figures, of file kinds and of accounts, and from the docstrings of refusals, which are what a person
reads. Every translation is marked as not yet read by a native reader, but those whose text stands
in the `read.txt` beside its catalogue.
"""

import csv
import importlib
import io
import json
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from tools.steps import ROOT, say

HOUSE = ROOT / "src/handup"
LOCALE = HOUSE / "locale"
DOMAIN = "django"
UNREAD = "not yet read by a native reader"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(["_", "_now", "_t", "gettext", "gettext_lazy", "gettext_noop", "lazy"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
Text = tuple[str, str, str | tuple[str, ...], str | None]  # file, kind, message, context


def languages() -> list[str]:
    """The languages of the settings that need a catalogue (English is the source)."""
    from django.conf import settings

    return [code for code, _ in settings.LANGUAGES if code != "en"]


def _sources() -> Iterator[Path]:
    for path in sorted(HOUSE.rglob("*")):
        inside = set(path.relative_to(HOUSE).parts)
        if path.suffix in {".py", ".html", ".txt"} and not inside & {
            "tests", "migrations", "static", "locale", "data", "__pycache__",
        }:  # fmt: skip
            yield path


def _python_of(path: Path) -> str:
    """A file's text as Python that calls gettext; templates are turned into it by Django."""
    from django.utils.translation.template import templatize

    text = path.read_text(encoding="utf-8")
    return text if path.suffix == ".py" else templatize(text, origin=str(path))


def _from_files() -> Iterator[Text]:
    for path in _sources():
        if path.suffix != ".py" and "templates" not in path.parts:
            continue
        file = io.BytesIO(_python_of(path).encode())
        for _, message, _, context in extract("python", file, keywords=KEYWORDS):
            wanted = message if isinstance(message, str) else tuple(message)
            if wanted:
                yield str(path.relative_to(ROOT)), "text", wanted, context


def _from_field() -> Iterator[Text]:
    """What the offline app says: its build takes the translations out of the same catalogues."""
    for path in sorted((ROOT / "field/app").rglob("*.ts")):
        with path.open("rb") as file:
            for _, message, _, context in extract("javascript", file, keywords={"t": None}):
                yield str(path.relative_to(ROOT)), "text", str(message), context


def _from_data() -> Iterator[Text]:
    """What the program's own tables call a figure, a kind of file and an account."""
    for figures in sorted((HOUSE / "results/data").glob("indicators*.csv")):
        with figures.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                for column in ("name", "numerator", "denominator"):
                    if row[column]:
                        yield str(figures.relative_to(ROOT)), "data", row[column], None
    for profile in sorted((HOUSE / "desk/profiles").glob("*.json")):
        title = json.loads(profile.read_text(encoding="utf-8"))["title"]
        yield str(profile.relative_to(ROOT)), "data", title, None
    from handup.ledger.packs import FOLDER, standard_names

    for name in standard_names():
        yield str(FOLDER.relative_to(ROOT)), "data", name, None


def _from_refusals() -> Iterator[Text]:
    """The sentence of every refusal of the house."""
    import handup
    from handup.kernel.errors import Refusal

    for module in pkgutil.walk_packages(handup.__path__, "handup."):
        if not {"tests", "migrations", "__main__"} & set(module.name.split(".")):
            importlib.import_module(module.name)
    waiting = list(Refusal.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("handup.") and ".tests" not in kind.__module__:
            file = "src/" + kind.__module__.replace(".", "/") + ".py"
            yield file, "refusal", kind.template, None


def collect() -> Catalog:
    """Every text of the program as an empty catalogue."""
    catalog = Catalog(domain=DOMAIN, project="Handup", charset="utf-8", fuzzy=False)
    found = {*_from_files(), *_from_field(), *_from_data(), *_from_refusals()}
    for file, kind, message, context in sorted(found, key=str):
        named = message if isinstance(message, str) else message[0]
        flags = ["python-brace-format"] if kind == "refusal" and re.search(r"{\w+}", named) else []
        catalog.add(message, locations=[(file, 1)], context=context, flags=flags)
    return catalog


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands; an empty one when there is none yet."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return Catalog(
            locale=language, domain=DOMAIN, project="Handup", charset="utf-8", fuzzy=False
        )
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language, domain=DOMAIN)


def read_by_natives(language: str) -> frozenset[str]:
    """The texts, one a line, whose translation a native reader has read."""
    path = LOCALE / language / "LC_MESSAGES" / "read.txt"
    return frozenset(path.read_text(encoding="utf-8").splitlines() if path.exists() else ())


def _mark(language: str, catalog: Catalog) -> None:
    read = read_by_natives(language)
    for message in catalog:
        others = [line for line in message.user_comments if line != UNREAD]
        unread = message.id and forms(message.id)[0].replace("\n", "\\n") not in read
        message.user_comments = [*others, UNREAD] if unread else others


def write(language: str, catalog: Catalog) -> None:
    """Write a catalogue so that a changed text changes only its own lines."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    catalog.header_comment = f"# The texts of Handup in another language: {language}."
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = "Handup"
    _mark(language, catalog)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pofile.write_po(
            file, catalog, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False
        )


def forms(said: object) -> tuple[str, ...]:
    """A message as its forms: one, or singular and plurals."""
    return tuple(map(str, said)) if isinstance(said, tuple | list) else (str(said or ""),)


def untranslated(language: str, texts: Catalog) -> list[str]:
    """The texts that have no translation in a language."""
    catalog, missing = read(language), []
    for message in texts:
        if message.id:
            found = catalog.get(forms(message.id)[0], message.context)
            if found is None or not all(forms(found.string)):
                missing.append(forms(message.id)[0])
    return missing


def main() -> int:
    """Bring every catalogue in step with the program and say what is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handup.config.settings")
    django.setup()
    texts = collect()
    say(f"{len(texts)} texts")
    for language in languages():
        catalog = read(language)
        catalog.update(texts, no_fuzzy_matching=True)
        write(language, catalog)
        say(f"  {language}: {len(untranslated(language, texts))} not translated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
