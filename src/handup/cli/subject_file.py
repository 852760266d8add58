"""`handup subject-file NUMBER`: everything held of a person, in one go, for her own request.

As text in her language, or as JSON for another program. It goes into the read log.
"""

import argparse
import json
import sys
from pathlib import Path

from handup.kernel.errors import Refusal
from handup.org import reads
from handup.people import file
from handup.people.models import Person, SubjectRequest
from handup.people.queries.merging import by_number
from handup.people.rules.requests import RequestKind, RequestState


class NobodyAsked(Refusal):
    """Nobody whose identity is known asked for the data of {number}. Record the request first."""


OPEN = (RequestState.IDENTIFIED.value, RequestState.HELD.value, RequestState.APPROVED.value)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of whom, in which language and form, where to."""
    parser.add_argument("number", help="her registration number")
    parser.add_argument("--language", default="", help="en, hy, mn, rw …; left out: hers")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--output", type=Path, help="write to this file, for its owner only")


def run(args: argparse.Namespace) -> int:
    """Tell what is held of her. Raises NobodyAsked."""
    person = by_number(Person._base_manager.filter(merged_date=None), args.number)
    asked = SubjectRequest._base_manager.filter(person=person, state__in=OPEN).exclude(
        kind=RequestKind.AUTHORITY.value
    )
    request = asked.first() if person is not None else None
    if person is None or request is None:
        raise NobodyAsked(number=args.number)
    language = args.language or request.language
    reads.write_entry(
        staff=None,
        door="COMMAND",
        action="EXPORT",
        persons=[person.pk],
        highest="S",
        purpose=f"subject request {request.code}",
    )
    held = file.whole(person.pk, language)
    if args.format == "json":
        text = json.dumps(held, ensure_ascii=False, indent=1) + "\n"
    else:
        text = file.as_text(person, held, language)
    if args.output is None:
        sys.stdout.write(text)
    else:
        args.output.touch(mode=0o600)
        args.output.write_text(text, encoding="utf-8")
    return 0
