"""`handup handover pack|verify|load|confirm`: carry a programme to the house of its successor.

    handup handover pack PROGRAMME PACKAGE --key KEYFILE --staff USERNAME     in the old house
    handup handover verify PACKAGE --key KEYFILE                              in the new house
    handup handover load PACKAGE --key KEYFILE --receipt FILE --staff USERNAME
    handup handover confirm PACKAGE RECEIPT --receiver PUBLICKEY --staff USERNAME

The key file is carried apart from the package. Loading is one act into an empty house: equal
control totals, or nothing. Status 0 when it was done, 1 when it was refused.
"""

import argparse
import json
import os
from pathlib import Path

from django.utils import timezone

from handup.cli.staff import named_staff
from handup.cli.verify import show, status_of
from handup.kernel.errors import Refusal
from handup.org import keys, verify
from handup.projects.carrying.package import (
    Opening,
    Package,
    WrongKey,
    new_opening,
    sum_of_file,
)
from handup.projects.carrying.receiving import load_package, verify_package
from handup.projects.carrying.sending import PlaceTaken, confirm_transfer, pack_transfer
from handup.projects.models import Handover, TransferBatch


class NoHandover(Refusal):
    """Programme {code} is not being handed over. Begin the hand-over on its page first."""


class CannotWrite(Refusal):
    """{place} cannot be written."""


class NoSuchBatch(Refusal):
    """This house did not make that package."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which package."""
    acts = parser.add_subparsers(dest="act", required=True)
    pack = acts.add_parser("pack", help="pack a programme for its successor")
    pack.add_argument("programme", help="the programme's code")
    prove = acts.add_parser("verify", help="prove a package; nothing is written")
    load = acts.add_parser("load", help="load a package into this empty house")
    confirm = acts.add_parser("confirm", help="take the successor's receipt")
    for one in (pack, prove, load, confirm):
        one.add_argument("package", type=Path, help="the file of the package")
    confirm.add_argument("receipt", type=Path, help="the receipt the successor signed")
    confirm.add_argument("--receiver", required=True, help="the public key the successor told you")
    load.add_argument("--receipt", type=Path, required=True, help="where to write the receipt")
    for one in (pack, prove, load):
        one.add_argument("--key", type=Path, required=True, help="the file that opens the package")
    for one in (pack, load, confirm):
        one.add_argument("--staff", required=True, help="user name of who does it")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    acts = {"pack": _pack, "verify": _verify, "load": _load, "confirm": _confirm}
    return acts[args.act](args)


def _write_new(path: Path, text: str) -> None:
    """A new file for its owner only. Raises PlaceTaken, CannotWrite."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise PlaceTaken(place=path) from fault
    except OSError as fault:
        raise CannotWrite(place=path) from fault
    with os.fdopen(file, "w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())


def _pack(args: argparse.Namespace) -> int:
    rows = Handover.objects.filter(programme__code=args.programme)
    handover = rows.order_by("-recorded_at").first()
    if handover is None:
        raise NoHandover(code=args.programme)
    staff, opening = named_staff(args.staff), new_opening()
    _write_new(args.key, opening.text())  # before the package: none is left without its key
    try:
        batch, _ = pack_transfer(
            acting_staff=staff,
            handover=handover,
            on=timezone.localdate(),
            path=args.package,
            opening=opening,
        )
    except BaseException:
        args.key.unlink(missing_ok=True)
        raise
    print(f"  {batch.going} persons go, {batch.staying} stay; {batch.parts} parts")
    print(f"  {args.package}  SHA-256 {batch.sha256}")
    print(f"  Carry {args.key} apart from the package: it opens it.")
    return 0


def _opening(args: argparse.Namespace) -> Opening:
    try:
        return Opening.read(args.key.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise WrongKey from fault


def _verify(args: argparse.Namespace) -> int:
    _tell(verify_package(args.package, _opening(args)))
    return 0


def _tell(package: Package) -> None:
    told = package.manifest
    print(f"  {told['title']}, packed on {told['packed']} for {told['successor']}")
    print(f"  {len(told['parts'])} parts, every sum and the signature hold")
    for total in package.totals:
        money = f"  {total.units} {total.currency}" if total.currency else ""
        print(f"    {total.name:<60} {total.count:>9}{money}")


def _load(args: argparse.Namespace) -> int:
    staff, opening = named_staff(args.staff), _opening(args)
    _write_new(args.receipt, "")  # there is a place for it before anything is loaded
    try:
        receipt = load_package(acting_staff=staff, path=args.package, opening=opening)
    except BaseException:
        args.receipt.unlink(missing_ok=True)
        raise
    text = json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"
    args.receipt.write_text(text, encoding="utf-8")
    print(f"  loaded with equal control totals; receipt in {args.receipt}")
    print(f"  Tell the other house this public key: {keys.load().public}")
    outcomes = list(verify.run_all())
    for outcome in outcomes:
        if not outcome.holds:
            show(outcome)
    status = status_of(outcomes)
    print(f"  {len(outcomes)} proofs: {'all hold' if not status else 'see above'}")
    return status


def _confirm(args: argparse.Namespace) -> int:
    batch = TransferBatch.objects.filter(sha256=sum_of_file(args.package)).first()
    if batch is None:
        raise NoSuchBatch
    confirm_transfer(
        acting_staff=named_staff(args.staff),
        batch=batch,
        receipt=args.receipt.read_text(encoding="utf-8"),
        receiver=args.receiver,
        on=timezone.localdate(),
    )
    print("  equal control totals on both sides: the programme has moved")
    return 0
