"""A second house in a process of its own: takes a package over into its empty database and proves
it; a program.

    HANDUP_DATA=FOLDER python -m tests.handover_program PACKAGE KEYFILE RECEIPT

The keys, the database and the files in that folder are no one else's. It writes the signed
receipt and prints one line of JSON: its public key, what it holds, and which proofs do not hold.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django


def take_over(package: Path, key: Path, receipt: Path) -> dict[str, Any]:
    """Load, prove, and tell what is there."""
    django.setup()
    from handup.org import keys, verify
    from handup.org.rules.access import Role
    from handup.org.tests.staff import staff_with
    from handup.people.models import Enterprise, Person
    from handup.projects.carrying.package import Opening
    from handup.projects.carrying.receiving import load_package
    from handup.projects.models import Programme

    told = load_package(
        acting_staff=staff_with("newcomer", Role.ADMINISTRATOR),
        path=package,
        opening=Opening.read(key.read_text()),
    )
    receipt.write_text(json.dumps(told))
    outcomes = list(verify.run_all())
    return {
        "public": keys.load().public,
        "programmes": list(Programme.objects.values_list("code", flat=True)),
        "persons": Person._base_manager.count(),
        "enterprises": Enterprise._base_manager.count(),
        "proofs": len(outcomes),
        "differ": [
            f"{one.check.code} {one.fault} {one.shown}" for one in outcomes if not one.holds
        ],
    }


if __name__ == "__main__":
    print(json.dumps(take_over(*(Path(word) for word in sys.argv[1:4]))))
