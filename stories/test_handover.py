"""Story `hand-over`: the programmes of the demonstration go to local institutions (armenia 8,
rwanda 9; seed_programmes.md 3 and 5).

The institutions are invented and marked so. Armenia: the options are compared (direct lending or
banks), legal advice is recorded, the institution is registered, works in the shadow and then under
supervision; the gate stops on one open hard item. Rwanda: the year counter is 2 + 3 + 2, exit
starts in the oldest area, the guarantee fund moves with equal control totals, and the whole
programme loads into the empty house of its successor, in a process and a database of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.migrated import migrated_house

from handup.lending.models import Guarantee
from handup.lending.rules.codes import LenderMode
from handup.lending.services import give_guarantee, open_lender
from handup.org.duties import SamePerson
from handup.org.models import Area, StaffUser
from handup.people.models import Consent, ConsentNotice, Enterprise, Person
from handup.people.rules.codes import ConsentPurpose
from handup.projects.carrying.sending import confirm_transfer, pack_transfer
from handup.projects.models import Document, Handover, Organisation, Programme
from handup.projects.models.labels import Access, OrgKind, Reach
from handup.projects.queries import exit_order
from handup.projects.rules.duties import MemorandumKind
from handup.projects.rules.handover import HandoverState, Part, ReadinessState, Way
from handup.projects.services import (
    MemorandumIn,
    add_area,
    add_document,
    add_document_type,
    publish_document,
    record_memorandum,
    register_organisation,
)
from handup.projects.services import handover as s
from stories.conftest import programme, staff

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[1]


def paper(of: Programme, title: str) -> Document:
    """A final document of a programme."""
    code = title.upper().replace(" ", "_")
    kind = add_document_type(
        acting_staff=staff("manager"), code=code, names={"en": title}, position=90, several=True
    )
    row = add_document(
        acting_staff=staff("manager"),
        programme=of,
        type=kind,
        title=title,
        language="en",
        access=Access.INTERNAL,
        content=f"{title} of {of.code}.".encode(),
    )
    return publish_document(acting_staff=staff("director"), document=row)


def institution(code: str) -> Organisation:
    """An invented local institution."""
    return register_organisation(
        acting_staff=staff("manager"),
        code=code,
        name="Local institution (demonstration)",
        kinds=[OrgKind.SUCCESSOR],
    )


def meet(row: Handover, codes: Iterable[str], by: StaffUser) -> None:
    """Say of some items that they are met, with what shows it."""
    for item in row.items.filter(code__in=codes):
        s.assess_readiness(
            acting_staff=by,
            item=item,
            state=ReadinessState.MET,
            on=date(2005, 6, 30),
            evidence_text="seen by the committee",
        )


def test_armenia_the_gate_stops_on_one_open_hard_item() -> None:
    of, manager, director = programme("IOM-AM"), staff("manager"), staff("director")
    row = s.open_handover(
        acting_staff=manager,
        programme=of,
        title="To a local non-profit",
        starts=date(2003, 1, 1),
    )
    for way, law in (
        (Way.DIRECT, "a licence to lend"),
        (Way.PARTNER_BANK, "an agreement with the bank"),
        (Way.GUARANTEE_FUND, "a deposit at the bank"),
    ):
        s.compare_option(
            acting_staff=manager,
            handover=row,
            way=way,
            cost="staff and rooms",
            risk="loans not repaid",
            law=law,
            reach="the regions served now",
        )
    minutes = paper(of, "Minutes of the board")
    told: dict[str, Any] = {
        "acting_staff": manager,
        "handover": row,
        "successor": institution("AM-OWN"),
        "way": Way.PARTNER_BANK,
        "study": paper(of, "Options study"),
        "decision": paper(of, "Decision"),
    }
    s.record_handover_papers(**told)
    codes = [item.code for item in row.items.all()]
    meet(row, set(codes) - {"RESTORED_BACKUP", "CONSENT"}, manager)

    def pass_gate() -> Handover:
        return s.pass_gate(
            acting_staff=director, handover=row, on=date(2005, 6, 30), minutes=minutes
        )

    assert pass_gate().state == "DECIDED"
    with pytest.raises(s.GateClosed, match="the legal advice; the registration"):
        pass_gate()
    s.record_handover_papers(
        **told,
        legal_advice=paper(of, "Legal advice on registration"),
        registration_no="demonstration 1",
        registered_date=date(2005, 5, 2),
    )
    with pytest.raises(SamePerson):  # who assessed the items does not pass the gate
        s.pass_gate(acting_staff=manager, handover=row, on=date(2005, 6, 30), minutes=minutes)
    assert [pass_gate().state, pass_gate().state] == ["REGISTERED", "SHADOW"]
    with pytest.raises(s.GateClosed, match="Backup restored and proven; Consent of the people"):
        pass_gate()
    agree(of, told["successor"], 1)
    meet(row, ["CONSENT"], manager)
    with pytest.raises(s.GateClosed, match=r"open: Backup restored and proven\.$"):
        pass_gate()
    meet(row, ["RESTORED_BACKUP"], manager)
    assert pass_gate().state == "SUPERVISED"


def agree(of: Programme, successor: Organisation, most: int | None = None) -> int:
    """Everybody of a programme, or so many, agrees to be handed over."""
    notice = ConsentNotice.objects.create(
        programme=of,
        version=f"{of.code}-hand-over",
        language="en",
        text="Your records go to the local institution. You may say no.",
        purposes=["TRANSFER"],
        valid_from=date(2000, 1, 1),
    )
    persons = Person._base_manager.filter(programme=of, merged_date=None).order_by("id")[:most]
    rows = [
        Consent(
            person=person,
            notice=notice,
            purpose=ConsentPurpose.TRANSFER.value,
            recipient=successor,
            method="SPOKEN",
            given_date=date(2004, 1, 1),
            recorded_by=staff("manager"),
        )
        for person in persons
    ]
    Consent.objects.bulk_create(rows)
    return len(rows)


def second_house(folder: Path, package: Path, key: Path, receipt: Path) -> dict[str, Any]:
    """The successor's house, made by its migrations, with its own keys, database and files, in a
    process of its own."""
    migrated_house(folder)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HANDUP_DATABASE")}
    told = subprocess.run(
        [sys.executable, "-m", "tests.handover_program", str(package), str(key), str(receipt)],
        env=kept | {"HANDUP_DATA": str(folder)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=1_200,
    )
    assert told.returncode == 0, told.stderr[-2_000:]
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def handed_over(of: Programme, starts: date) -> Handover:
    """A hand-over of a programme under supervision, its oldest area left first."""
    areas = Area.objects.filter(parent__in=of.area_links.values("area")).order_by("code")[:2]
    for area, begun in zip(areas, (date(2000, 1, 1), date(1998, 1, 1)), strict=True):
        add_area(
            acting_staff=staff("manager"),
            programme=of,
            area=area,
            reach=Reach.ACTIVITY,
            from_date=begun,
        )
    row = s.open_handover(
        acting_staff=staff("manager"), programme=of, title="To our own", starts=starts
    )
    assert [area.pk for area in exit_order(row)][:2] == [areas[1].pk, areas[0].pk]
    row.successor, row.state = institution(f"{of.code}-OWN"), HandoverState.SUPERVISED.value
    row.save()
    record_memorandum(
        acting_staff=staff("director"),
        programme=of,
        memorandum=MemorandumIn(
            organisation=row.successor,
            kind=MemorandumKind.HANDOVER,
            title="Agreement on the hand-over (demonstration)",
            signed_date=starts,
            document=paper(of, "Agreement on the hand-over"),
        ),
    )
    return row


def guarantee_fund(of: Programme) -> Guarantee:
    """The project gave half of the security at a bank (R26)."""
    lender = open_lender(
        acting_staff=staff("finance.manager"),
        code="RW-GUARANTEE",
        name="Bank with a guarantee fund (demonstration)",
        mode=LenderMode.BANK_GUARANTEED,
        currency="RWF",
        active_from=date(1998, 1, 1),
        programme=of,
    )
    return give_guarantee(
        acting_staff=staff("director"),
        lender=lender,
        deposit_units=390_000_000,
        signed_date=date(1998, 1, 1),
    )


def carry(of: Programme, folder: Path) -> dict[str, Any]:
    """Hand a whole programme over to an empty house, and confirm that it has moved."""
    row = handed_over(of, date(2003, 9, 11))
    plan = row.timetable
    assert (plan.set_up_years, plan.expansion_years, plan.handover_years) == (2, 3, 2)
    assert [plan.part(date(year, 9, 11)) for year in range(2003, 2011)] == [
        *[Part.SET_UP] * 2,
        *[Part.EXPANSION] * 3,
        *[Part.HAND_OVER] * 2,
        Part.AFTER,
    ]
    fund = guarantee_fund(of)
    assert row.successor is not None
    asked = agree(of, row.successor)
    package, key, receipt = (folder / name for name in ("package", "key", "receipt"))
    batch, opening = pack_transfer(
        acting_staff=staff("manager"), handover=row, on=timezone.localdate(), path=package
    )
    key.write_text(opening.text())
    assert (batch.going, batch.staying) == (asked, 0)
    assert ["guarantee funds RW-GUARANTEE", 1, fund.deposit_units, "RWF"] in batch.totals
    found = second_house(folder / "theirs", package, key, receipt)
    assert found["programmes"] == [of.code]
    assert found["persons"] == asked
    assert found["enterprises"] == Enterprise._base_manager.filter(programme=of).count()
    assert found["differ"] == []
    moved = confirm_transfer(
        acting_staff=staff("director"),
        batch=batch,
        receipt=receipt.read_text(),
        receiver=found["public"],
        on=timezone.localdate(),
    )
    assert moved.state == "MOVED"
    return found


def test_rwanda_goes_whole_to_the_empty_house_of_its_successor(tmp_path: Path) -> None:
    found = carry(programme("IFAD-RW"), tmp_path)
    assert found["enterprises"] == 38
