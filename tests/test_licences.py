"""What is installed to run Handup may be used with its licence (AGPL-3.0-or-later)."""

import json
import re
from importlib import metadata

from packaging.requirements import Requirement

from tests import source

ALLOWED = re.compile(
    r"\b(0BSD|MIT(-0)?|BSD|Apache|MPL|Mozilla|LGPL|OFL|PSF|Python Software|ISC|ISCL|ZPL|Zope|CC0"
    r"|Unlicense|Zlib|BlueOak|CC-BY-4\.0|Python-2\.0)\b",
    re.IGNORECASE,
)

TEXTS = {"must not be misrepresented as being the original software": "Zlib"}


def locked(name: str) -> list[str]:
    """The packages of a lock file that this machine needs."""
    text = (source.ROOT / f"requirements/{name}.txt").read_text()
    lines = re.findall(r"^([\w.-]+==[^\\\n]+?) *\\?$", text, re.MULTILINE)
    needed = [Requirement(line) for line in lines]
    return [one.name for one in needed if one.marker is None or one.marker.evaluate()]


def licence_of(distribution: metadata.Distribution) -> str:
    """What the package says of its licence: expression, classifiers, the first words, or else the
    known text of the file it carries.
    """
    about = distribution.metadata
    classifiers = [text for text in about.get_all("Classifier") or [] if "License ::" in text]
    said = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or [])]
    told = " ".join([*classifiers, *(text.split("\n")[0] for text in said)]).strip()
    if told:
        return told
    carried = " ".join(
        (distribution.read_text(f"licenses/{name}") or "")
        for name in about.get_all("License-File") or []
    )
    plain = " ".join(carried.split())
    return next((name for words, name in TEXTS.items() if words in plain), "")


def known_by_its_text(distribution: metadata.Distribution) -> bool:
    """Packages that say nothing of their licence and ship the text of BSD."""
    texts = [file.read_text() for file in distribution.files or [] if file.name == "LICENSE"]
    return any("Redistribution and use in source and binary forms" in text for text in texts)


def test_every_locked_package_has_an_allowed_licence() -> None:
    refused = {}
    for name in [
        *locked("base"),
        *locked("postgres"),
        *locked("build"),
        *locked("simulate"),
        *locked("columns"),
        *locked("splink"),
    ]:
        distribution = metadata.distribution(name)
        licence = licence_of(distribution)
        if not ALLOWED.search(licence) and not (licence == "" and known_by_its_text(distribution)):
            refused[name] = licence
    assert not refused


def test_every_front_end_package_has_an_allowed_licence() -> None:
    refused = {}
    for path in source.ROOT.glob("*/package-lock.json"):
        packages = json.loads(path.read_text())["packages"]
        for place, package in packages.items():
            if place and not package.get("link") and not ALLOWED.search(package.get("license", "")):
                refused[f"{path.parent.name}: {place}"] = package.get("license", "none named")
    assert not refused
