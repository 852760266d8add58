"""`handup audit FILE [--bill FILE]`: which known weaknesses the installed packages have.

FILE is a list somebody brought from where she has a network: the records of osv.dev, as the archive
for PyPI (or npm), as one JSON list, or one record a line. No other computer is asked. With --bill
the packages are those of a release's bill of materials, front end and all, in place of the
installed ones. Each says until when it is mended: 7 days when it is critical, 30 when it is
high (docs/security/packages.md). Status 0: none is known; 1: some are, or a record could not be
judged; 2: the file is not there.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote

from handup.cli.weaknesses import NPM, PYPI, NotAList, Package, compare, records

KINDS = {"pypi": PYPI, "npm": NPM}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The list, and whose packages."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the list of weaknesses (OSV)")
    parser.add_argument("--bill", type=Path, help="a bill of materials (CycloneDX) to look at")


def run(args: argparse.Namespace) -> int:
    """Tell what was found."""
    for file in (args.file, args.bill):
        if file is not None and not file.is_file():
            print(f"handup audit: there is no file {file}")
            return 2
    packages = list(of_bill(args.bill) if args.bill else installed())
    today = datetime.now(UTC).date()
    found, reading = compare(records(args.file), packages)
    for one in found:
        mend = f"mended in {', '.join(one.fixed)}" if one.fixed else "not mended yet"
        late = ", OVERDUE" if one.is_overdue(today) else ""
        until = f"by {one.due}" if one.due else "at once"
        print(f"  {one.package.name} {one.package.version}: {one.id}, {mend}")
        print(f"    {one.severity}: to be mended {until}{late}")
        if one.summary:
            print(f"    {one.summary}")
    for id in reading.not_judged:
        print(f"  {id} could not be judged: read it yourself")
    print(
        f"{len(packages)} packages, {reading.records} weaknesses in the list"
        f" (newest of {reading.newest or 'an unknown day'}): {len(found)} found,"
        f" {sum(one.is_overdue(today) for one in found)} overdue"
    )
    return 1 if found or reading.not_judged else 0


def installed() -> Iterator[Package]:
    """Every package of this Python."""
    for one in metadata.distributions():
        name = one.metadata["Name"]
        if name:
            yield Package(PYPI, name, one.version)


def of_bill(file: Path) -> Iterator[Package]:
    """The packages of a bill, by their addresses (purl). Raises NotAList."""
    try:
        components = json.loads(file.read_bytes())["components"]
        addresses = [str(one.get("purl", "")) for one in components]
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise NotAList from fault
    for address in addresses:
        kind, _, rest = address.removeprefix("pkg:").partition("/")
        name, _, version = rest.partition("?")[0].rpartition("@")
        if kind in KINDS and name:
            yield Package(KINDS[kind], unquote(name), unquote(version))
