"""`handup match [--keys|--estimate|--with splink] [--staff NAME] [--json]`: who may be registered
twice.

Everybody is compared with everybody she shares a key with; each pair that may be one person waits
for the adjudicator. With --estimate weights are estimated from the register and proposed: another
person adopts them on their page. With --keys only the stored keys are made
anew, which may be stopped and started again at any time. With `--with splink` the library of that
name (an extra) proposes the pairs, for registers of more than 300,000 persons.
"""

import argparse
import json

from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.people.services import check_register, rebuild_keys
from handup.people.services.duplicates import SPLINK_FROM, MatchEngine
from handup.people.services.match_models import propose_model

SHOWN = 20


class UnknownStaff(Refusal):
    """There is no staff user {username}."""


class StaffMissing(Refusal):
    """Name who checks the records: --staff NAME."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The keys alone, or the whole check and who makes it."""
    parser.add_argument("--keys", action="store_true", help="make the stored keys anew")
    parser.add_argument("--estimate", action="store_true", help="propose weights")
    parser.add_argument(
        "--with",
        dest="engine",
        choices=[one.value.lower() for one in MatchEngine],
        default=MatchEngine.OWN.value.lower(),
        help="what proposes the pairs: own, or splink (an extra) above 300,000 persons",
    )
    parser.add_argument("--staff", default="", help="user name of who checks the records")
    parser.add_argument("--json", action="store_true", help="write the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    """Do it and say what it came to."""
    if args.keys:
        count = rebuild_keys()
        print(json.dumps({"keys": count}) if args.json else f"  {count} keys made anew")
        return 0
    if not args.staff:
        raise StaffMissing
    staff = StaffUser.objects.filter(username=args.staff, is_active=True).first()
    if staff is None:
        raise UnknownStaff(username=args.staff)
    if args.estimate:
        model = propose_model(acting_staff=staff, on=timezone.localdate())
        print(
            json.dumps({"version": model.version, "records": model.records})
            if args.json
            else f"  {model.version} proposed from {model.records} records; another adopts it"
        )
        return 0
    engine = MatchEngine(args.engine.upper())
    check = check_register(acting_staff=staff, engine=engine)
    told = {
        "persons": check.persons,
        "compared": check.compared,
        "found": check.found,
        "new": check.new,
        "without_key": check.without_key,
        "skipped": len(check.skipped),
    }
    if args.json:
        print(json.dumps(told))
        return 0
    print(f"  {check.persons} persons, {check.compared} pairs compared")
    print(f"  {check.found} pairs may be one person, {check.new} of them new")
    if check.without_key:
        print(f"  {check.without_key} persons with too little to be found by")
    if engine is MatchEngine.OWN and check.persons > SPLINK_FROM:
        print("  for so many persons the library splink is meant: --with splink")
    for block in check.skipped[:SHOWN]:
        kind = block.key.split("|", 1)[0]
        print(f"  not looked through: {block.size} persons share one value ({kind})")
    return 0
