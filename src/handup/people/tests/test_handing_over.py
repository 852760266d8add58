"""Who of a programme goes to its successor: whoever agreed to all of it, to this one, by now."""

from datetime import date
from typing import Any

from django.db import transaction

from handup.org.models import StaffUser
from handup.people.forms.ground import DATA
from handup.people.handover_mover import who_goes
from handup.people.models import Consent, ConsentEnding, ConsentNotice, Person
from handup.people.rules.codes import DATA_CATEGORIES, ConsentEnd, ConsentPurpose
from handup.projects.models import Organisation, Programme

ON = date(2026, 6, 1)
GIVEN = date(2026, 3, 2)


def test_a_notice_may_name_every_part_there_is() -> None:
    assert set(DATA) == DATA_CATEGORIES


def test_an_agreement_to_a_part_or_to_another_is_none_and_no_refusal(
    manager: StaffUser, programme: Programme, notice: ConsentNotice, ani: Person
) -> None:
    own = Organisation.objects.create(code="OWN", name="Our own institution (invented)")
    other = Organisation.objects.create(code="OTHER", name="Another (invented)")

    def answer(ended: ConsentEnd | None = None, **told: Any) -> str:
        before = transaction.savepoint()
        row = Consent.objects.create(
            **{
                "person": ani,
                "notice": notice,
                "purpose": ConsentPurpose.TRANSFER.value,
                "recipient": own,
                "method": "SIGNATURE",
                "given_date": GIVEN,
                "recorded_by": manager,
                **told,
            }
        )
        if ended is not None:
            ConsentEnding.objects.create(
                consent=row, how=ended.value, end_date=ON, recorded_by=manager
            )
        said = who_goes(programme, own, ON)
        transaction.savepoint_rollback(before)
        return ("goes" * (ani.pk in said.going)) + (
            "refused" * (ani.pk in said.refused) + "not asked" * (ani.pk in said.not_asked)
        )

    whole = sorted(DATA_CATEGORIES)
    assert answer() == answer(data_categories=whole) == answer(recipient=None) == "goes"
    assert answer(data_categories=["money"]) == answer(data_categories=whole[1:]) == "not asked"
    assert answer(recipient=other) == answer(ConsentEnd.WITHDRAWN, recipient=other) == "not asked"
    assert answer(expires_date=GIVEN) == answer(ConsentEnd.RENEWED) == "not asked"
    assert answer(ConsentEnd.WITHDRAWN) == "refused"
