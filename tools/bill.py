"""The bill of materials: every package a release installs or carries, with version, sums, licence.

    python -m tools.bill FILE        # CycloneDX 1.5, as JSON

Read from the locks (requirements/*.txt, package-lock.json of frontend/ and field/), so that it says
what is installed and nothing else; licences of Python packages from what is installed here.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from tools.steps import ROOT

PYTHON_SETS = ("base", "postgres")
FRONT_ENDS = ("frontend", "field")
LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def _licence(name: str) -> list[dict[str, Any]]:
    """What the installed package says of its licence, in one line."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    texts = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or [])]
    said = str(texts[0]).split("\n")[0] if texts else ""
    kinds = [one.rsplit(" :: ", 1)[-1] for one in about.get_all("Classifier") or []
             if one.startswith("License ::")]  # fmt: skip
    told = said or ", ".join(kinds)
    return [{"license": {"name": told[:200]}}] if told else []


def python_packages() -> Iterator[dict[str, Any]]:
    """Every package of the locks that a server installs."""
    seen: set[str] = set()
    for lock in PYTHON_SETS:
        for name, version, rest in LINE.findall((ROOT / f"requirements/{lock}.txt").read_text()):
            if name in seen:
                continue
            seen.add(name)
            yield {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "hashes": [{"alg": "SHA-256", "content": one} for one in HASH.findall(rest)],
                "licenses": _licence(name),
            }


def front_end_packages() -> Iterator[dict[str, Any]]:
    """Every npm package built into the pages; those that only build are marked so."""
    for folder in FRONT_ENDS:
        packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
        for place, held in sorted(packages.items()):
            if not place or held.get("link"):
                continue
            name = place.rsplit("node_modules/", 1)[-1]
            algorithm, _, digest = held.get("integrity", "").partition("-")
            content = base64.b64decode(digest).hex()
            yield {
                "type": "library",
                "name": name,
                "version": held["version"],
                "purl": f"pkg:npm/{name.replace('@', '%40')}@{held['version']}",
                "scope": "excluded" if held.get("dev") else "required",
                "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": content}]
                if content
                else [],
                "licenses": [{"license": {"name": held["license"]}}] if held.get("license") else [],
                "properties": [{"name": "handup:folder", "value": folder}],
            }


def bill(version: str) -> dict[str, Any]:
    """The whole bill; the same locks give the same bill."""
    parts = {one["purl"] + one.get("scope", ""): one for one in
             [*python_packages(), *front_end_packages()]}  # fmt: skip
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "handup",
                "version": version,
                "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
            }
        },
        "components": [parts[key] for key in sorted(parts)],
    }


def write(to: Path, version: str) -> int:
    """Write it; how many packages it names."""
    told = bill(version)
    to.write_text(json.dumps(told, indent=1) + "\n")
    return len(told["components"])


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), metadata.version("handup")), "packages")
