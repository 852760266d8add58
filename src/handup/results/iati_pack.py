"""The official IATI pack, read from the folder the setting HANDUP_IATI_PACK names."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from lxml import etree

from handup.kernel.errors import Refusal
from handup.results.rules.iati.pack import Pack, PackBroken, codelist_of, mappings_of, rules_of
from handup.results.rules.iati.reading import ACTIVITIES, ORGANISATIONS

SCHEMAS = {
    ACTIVITIES: "iati-activities-schema.xsd",
    ORGANISATIONS: "iati-organisations-schema.xsd",
}
REGISTERED = "registered-organisations.txt"
"""The Registry's list of organisation identifiers, one a line, where somebody put it there."""


class PackMissing(Refusal):
    """The IATI rules are not installed. Download schemas, codelists and rulesets of version 2.03
    from the IATI standard's own repositories into one folder and name it in HANDUP_IATI_PACK.
    """


def installed_pack() -> Pack:
    """The pack of this house. Raises PackMissing, PackBroken."""
    folder = settings.IATI_PACK
    if folder is None or not Path(folder).is_dir():
        raise PackMissing
    files = [path for path in Path(folder).rglob("*") if path.suffix in {".xml", ".xsd", ".json"}]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    return load_pack(Path(folder), (len(files), newest))


@lru_cache(maxsize=2)
def load_pack(folder: Path, _state: object = None) -> Pack:
    """Read a pack; the same files are read once. Raises PackMissing, PackBroken."""
    try:
        schemas = {root: _schema(folder / "schemas-2.03" / name) for root, name in SCHEMAS.items()}
        lists = [codelist_of(path.read_bytes()) for path in _codelists(folder)]
        mappings = mappings_of((folder / "mapping.xml").read_bytes())
        rules = rules_of((folder / "rulesets" / "standard.json").read_bytes())
    except FileNotFoundError as error:
        raise PackMissing from error
    except OSError as error:
        raise PackBroken(reason=str(error)) from error
    if not lists:
        raise PackMissing
    return Pack(
        schemas=schemas,
        codelists={one.name: one for one in lists},
        mappings=mappings,
        rules=rules,
        registered=_registered(folder),
    )


def _codelists(folder: Path) -> list[Path]:
    return sorted((folder / "codelists").glob("*embedded/*.xml"))


def _schema(path: Path) -> etree.XMLSchema:
    if not path.exists():
        raise FileNotFoundError(path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.XMLSchema(etree.parse(path, parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise PackBroken(reason=str(error)) from error


def _registered(folder: Path) -> frozenset[str]:
    path = folder / REGISTERED
    if not path.exists():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip())
