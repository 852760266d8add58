"""`handup import FILE --profile CODE [--programme CODE] [--commit --taken-over-by NAME] [--json]`:
records from a file. Another person takes it over than who handed it over.
`handup import FILE --old-book CODE [--json]`: the lists of a portfolio that is taken over.

Without --commit it is a trial: every fault is listed with its cell, and what an import would do is
counted; nothing is written but the batch. The loans of an old portfolio are all tried; who signs,
signs on its page. Whoever may type it stands beside the database: without
--staff it acts as an account of its own, whose grants end the same day.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone

from handup.cli.staff import named_staff
from handup.desk.models import ImportBatch
from handup.desk.rules.imports import READY, BatchState, Verdict
from handup.desk.services import commit_import, faults_of, programme_of, receive_import
from handup.kernel.errors import Refusal
from handup.kernel.importing.reading import FolderUnreadable, folder_as_zip
from handup.lending.models import OldBook
from handup.lending.rules.old_book import Proof
from handup.lending.services import old_books
from handup.org import audit
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind

ACCOUNT = "import.command"
ACCOUNT_ROLES = (Role.INTEGRATION, Role.MANAGER, Role.FINANCE_MANAGER)


class UnknownOldBook(Refusal):
    """There is no portfolio {code}; begin it on its page first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, as what, for which programme, tried or done."""
    parser.add_argument("file", type=Path, help="a workbook, a CSV file, a zip or folder of CSV")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--profile", help="what the file is, e.g. intake")
    what.add_argument("--old-book", help="code of the portfolio whose lists these are")
    parser.add_argument("--delimiter", default=",", help="between the columns of its CSV files")
    parser.add_argument("--date-form", default="%Y-%m-%d", help="how days are written there")
    parser.add_argument("--decimal-sign", default=".", choices=".,", help="in its amounts")
    parser.add_argument("--programme", default="", help="code of the programme it belongs to")
    parser.add_argument("--staff", default="", help="user name of who imports it")
    parser.add_argument("--commit", action="store_true", help="import it when it has no fault")
    parser.add_argument("--taken-over-by", default="", help="user name of who takes it over")
    parser.add_argument("--why-alone", default="", help="reason, where one person does both")
    parser.add_argument("--json", action="store_true", help="write the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    """Try it, and import it when asked. 1 when there are faults: then nothing was written."""
    staff = _staff(args.staff)
    if args.old_book:
        return _old_book(args, staff)
    batch = receive_import(
        acting_staff=staff,
        name=args.file.name,
        content=_content(args.file),
        profile_code=args.profile,
        programme=programme_of(args.programme, staff),
    )
    if args.commit and batch.state in READY:
        other = named_staff(args.taken_over_by) if args.taken_over_by else staff
        batch = commit_import(acting_staff=other, batch=batch, why_alone=args.why_alone)
    sys.stdout.write(_as_json(batch) if args.json else _as_text(batch))
    return 1 if batch.state == BatchState.RECEIVED else 0


def _old_book(args: argparse.Namespace, staff: StaffUser) -> int:
    """Take the lists of a portfolio, try every loan and tell what differs. 1 when anything does."""
    found = OldBook.objects.visible_to(staff).filter(code=args.old_book).first()
    if found is None:
        raise UnknownOldBook(code=args.old_book)
    form = {name: getattr(args, name) for name in ("delimiter", "date_form", "decimal_sign")}
    book = old_books.receive_lists(
        acting_staff=staff, book=found, name=args.file.name, content=_content(args.file), form=form
    )
    if not book.fault_count:
        today = timezone.localdate()
        book = old_books.try_loans(acting_staff=staff, book=book, on=today, sample=None)
    told = _of_book(book)
    sys.stdout.write(json.dumps(told, indent=1) + "\n" if args.json else _book_text(told))
    return 1 if told["faults"] or told["differing"] else 0


def _of_book(book: OldBook) -> dict[str, Any]:
    faults = old_books.faults_of(book)
    rows = book.loans.order_by("place")
    differing = rows.filter(proof__in=(Proof.DIFFERENT.value, Proof.NOT_MADE.value))
    return {
        "old_book": book.code,
        "loans": rows.count(),
        "equal": rows.filter(proof=Proof.EQUAL.value).count(),
        "differing": [
            {"loan": row.key, "first": row.first, "rows": row.differences, "reason": row.reason}
            for row in differing
        ],
        "faults": [
            {"place": fault.place, "code": fault.code, "message": fault.message} for fault in faults
        ],
        "unknown_columns": book.unknown,
    }


def _book_text(told: Mapping[str, Any]) -> str:
    lines = [f"  {fault['place']}  {fault['message']}" for fault in told["faults"]]
    lines += [f"  {row['loan']}  {row['reason'] or row['first']}" for row in told["differing"]]
    differ = len(told["differing"])
    lines += ["", f"{told['loans']} loans, {told['equal']} equal to the unit, {differ} differ."]
    return "\n".join(lines) + "\n"


def _content(path: Path) -> bytes:
    if path.is_file():
        return path.read_bytes()
    if path.is_dir():
        return folder_as_zip(path)
    raise FolderUnreadable(path=path)


def _staff(username: str) -> StaffUser:
    """Who acts: a named staff user, or the account of this command with grants for today."""
    if username:
        return named_staff(username)
    staff: StaffUser | None = StaffUser.objects.filter(username=ACCOUNT).first()
    if staff is None:
        staff = StaffUser.objects.create_user(ACCOUNT, display_name="Import on the server")
    today = timezone.localdate()
    for role in ACCOUNT_ROLES:
        grant, new = Grant.objects.get_or_create(
            staff=staff, role=role.value, scope=ScopeKind.ALL.value, starts=today, ends=today
        )
        if new:
            audit.record(staff, "org.give_grant", grant, {"role": role.value})
    return staff


def _as_json(batch: ImportBatch) -> str:
    return (
        json.dumps(
            {
                "batch": str(batch.pk),
                "profile": batch.profile,
                "sha256": batch.sha256,
                "state": batch.state,
                "counts": batch.counts,
                "fault_count": batch.fault_count,
                "faults": [
                    {"place": fault.place, "code": fault.code, "message": fault.message}
                    for fault in faults_of(batch)
                ],
                "unknown_columns": batch.unknown,
            },
            indent=1,
        )
        + "\n"
    )


def _as_text(batch: ImportBatch) -> str:
    verdicts = [verdict.value for verdict in Verdict]
    lines = [f"{'':<14}" + "".join(f"{word.lower():>12}" for word in verdicts)]
    lines += [
        f"{table:<14}" + "".join(f"{counts.get(word, 0):>12}" for word in verdicts)
        for table, counts in batch.counts.items()
    ]
    lines += [f"  {fault.place}  {fault.message}" for fault in faults_of(batch)]
    fine = "No fault. Nothing is written yet: add --commit --taken-over-by NAME to import it."
    ends = {
        BatchState.RECEIVED.value: f"{batch.fault_count} faults; nothing was written.",
        BatchState.VALIDATED.value: f"{fine} Nobody in it can be compared with anybody.",
        BatchState.CHECKED.value: fine,
        BatchState.ADJUDICATING.value: "Somebody in it may be registered already: the adjudicator"
        " decides on the page of this file. Nothing is written yet.",
        BatchState.TAKEN_OVER.value: "Imported.",
    }
    return "\n".join([*lines, "", ends[batch.state]]) + "\n"
