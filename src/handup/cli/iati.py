"""`handup iati check FILE`: checks an IATI file without a network."""

import argparse
import json
from pathlib import Path

from django.utils import timezone

from handup.results.api_exchange import told
from handup.results.iati_pack import installed_pack
from handup.results.rules.iati.checking import check
from handup.results.rules.iati.reading import MOST_BYTES, FileTooLarge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which file."""
    parser.add_argument("act", choices=("check",), help="check a file against the IATI standard")
    parser.add_argument("file", type=Path, metavar="FILE", help="the IATI file (XML)")
    parser.add_argument("--json", action="store_true", help="print everything found as JSON")


def run(args: argparse.Namespace) -> int:
    """Print what was found; 0 when it may be published."""
    if not args.file.is_file():
        print(f"handup iati: there is no file {args.file}")
        return 2
    if args.file.stat().st_size > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // 1_000_000)
    checked = check(args.file.read_bytes(), timezone.localdate(), installed_pack())
    if args.json:
        print(json.dumps(told(checked), ensure_ascii=False, indent=1))
        return 0 if checked.is_publishable else 1
    for one in checked.findings:
        print(f"  {one.severity.value:<9} line {one.line:<6} {one.id:<24} {one.message}")
        print(f"  {'':<9} {one.path}  (mend: {one.field})")
    if checked.skipped:
        print(f"  not asked without the Registry's list: {', '.join(checked.skipped)}")
    print(
        f"{args.file.name}: {len(checked.findings)} found, "
        f"{'can be published' if checked.is_publishable else 'cannot be published yet'}"
    )
    return 0 if checked.is_publishable else 1
