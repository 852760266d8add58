"""`handup fetch-answers`: takes filled forms from a server of ODK Central or KoboToolbox.

    handup fetch-answers --programme CODE --staff NAME --server https://… \\
        (--project NUMBER --form FORM --user E-MAIL | --asset UID) [--json]

The password (Central) or the key (Kobo) is asked for, or read from the first line of the input; it
is never a word of the command. Each form goes the way of one sent by ODK Collect: into its case by
the key it holds, or to those nobody could place. What came before changes nothing.
"""

import argparse
import getpass
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from handup.cli.staff import named_staff
from handup.kernel.errors import Refusal
from handup.projects.models import Programme
from handup.surveys.fetching import Fetched, Server, name_of, named, of_central, of_kobo
from handup.surveys.models import Submission
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.services import collecting


class SecretMissing(Refusal):
    """The password or the key is missing. Type it when asked, or give it as the first line of the
    input."""


class UnknownProgramme(Refusal):
    """There is no programme {code}."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From where, which form, into which programme."""
    parser.add_argument("--programme", required=True, help="code of the programme")
    parser.add_argument("--staff", required=True, help="sign-in name of whoever takes them")
    parser.add_argument("--server", required=True, help="address of the server (https)")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--project", type=int, help="number of the project in ODK Central")
    kind.add_argument("--asset", help="code (uid) of the form in KoboToolbox")
    parser.add_argument("--form", help="id of the form in ODK Central")
    parser.add_argument("--user", help="e-mail address that signs in to ODK Central")
    parser.add_argument(
        "--into",
        metavar="CODE/VERSION",
        help="the questionnaire here, where the server gave the form a name of its own (Kobo)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(args: argparse.Namespace) -> int:
    """Take them one by one; one that is refused stops none behind it. 1 when any was. Where the
    server ends it, what was taken until then is told before the reason.
    """
    if args.project is not None and not (args.form and args.user):
        print("handup fetch-answers: --project needs --form and --user", file=sys.stderr)
        return 2
    staff = named_staff(args.staff)
    programme = Programme.objects.visible_to(staff).filter(code=args.programme).first()
    if programme is None:
        raise UnknownProgramme(code=args.programme)
    into = name_of(args.into) if args.into else None
    counts: Counter[str] = Counter()
    refused: list[dict[str, str]] = []

    def take(one: Fetched) -> None:
        if one.fault is not None:
            raise one.fault
        body = named(one.body, *into) if into else one.body
        sent = collecting.Sent(programme=programme, body=body, media=one.media, device="fetched")
        counts[_kind(collecting.receive_sent(acting_staff=staff, sent=sent))] += 1

    try:
        for one in _fetched(args):
            try:
                take(one)
            except Refusal as refusal:
                refused.append({"id": one.id, "why": str(refusal)})
    except Refusal:
        if counts or refused:
            _tell(args, counts, refused)
        raise
    _tell(args, counts, refused)
    return 1 if refused or counts["conflict"] else 0


def _tell(
    args: argparse.Namespace, counts: Mapping[str, int], refused: list[dict[str, str]]
) -> None:
    told = {kind: counts.get(kind, 0) for kind in ("placed", "unplaced", "conflict")}
    both = told | {"refused": refused}
    print(json.dumps(both, indent=1) if args.json else _text(told, refused))


def _fetched(args: argparse.Namespace) -> Iterator[Fetched]:
    server, secret = Server(args.server), _secret()
    if args.asset is not None:
        return of_kobo(server, token=secret, asset=args.asset)
    return of_central(server, user=args.user, password=secret, project=args.project, form=args.form)


def _secret() -> str:
    """What is typed, or the first line that is piped in. Raises SecretMissing."""
    if sys.stdin.isatty():
        found = getpass.getpass("Password or key: ")
    else:
        found = sys.stdin.readline().rstrip("\r\n")
    if not found or not found.isprintable():
        raise SecretMissing
    return found


def _kind(row: object) -> str:
    if not isinstance(row, Submission):
        return "unplaced"
    return "conflict" if row.state == SubmissionState.CONFLICT else "placed"


def _text(told: Mapping[str, int], refused: list[dict[str, str]]) -> str:
    lines = [f"  {one['id']}: {one['why']}" for one in refused]
    lines.append(
        f"{told['placed']} placed, {told['unplaced']} not placed,"
        f" {told['conflict']} differ from what is stored, {len(refused)} refused"
    )
    return "\n".join(lines)
