"""Three families whose loans are being decided now, so that each role of the demonstration finds
its step waiting: to appraise, to decide, to sign. No figure of the programme counts them.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from handup.demo.business_plans import write_plans
from handup.demo.credit_plan import PlannedLoan
from handup.demo.foundation import Ground
from handup.demo.people import Family
from handup.demo.profiles import CreditSize
from handup.lending import services as lending
from handup.lending.models import Application, ProductVersion
from handup.lending.rules.codes import Outcome
from handup.org.rules.access import Role

AMOUNTS = (600_00, 900_00, 750_00)
TERM = 12


def load_applicants(
    ground: Ground, families: Sequence[Family], size: CreditSize, today: date
) -> list[Application]:
    """Write their plans, let them ask, and take the last two one and two steps further."""
    cast = ground.cast
    version = ProductVersion.objects.get(product__code="AM-START")
    wanted = [
        PlannedLoan(
            number=size.loans + place + 1,
            family=size.families_with_loan + place,
            cycle=1,
            amount_units=amount,
            disbursed=today + timedelta(days=25 - place),
            term_months=TERM,
            paid_instalments=0,
            days_late=0,
            is_past_final_due=False,
            is_written_off=False,
        )
        for place, amount in enumerate(AMOUNTS)
    ]
    write_plans(ground, families, wanted)
    rows = lending.apply_for_loans(
        [
            lending.ApplicationIn(
                programme=ground.programme,
                product_version=version,
                units=loan.amount_units,
                instalments=loan.term_months,
                purpose="Start one",
                submitted_date=loan.disbursed - timedelta(days=30),
                person=families[loan.family].head,
                office=families[loan.family].head.office,
                officer=cast[Role.LOAN_OFFICER],
            )
            for loan in wanted
        ],
        acting_staff=cast[Role.LOAN_OFFICER],
    )
    lending.appraise_applications(
        [
            lending.AppraisalIn(
                application=row,
                appraised_date=today - timedelta(days=2),
                recommendation=Outcome.APPROVE,
                anchors={"capacity": 3, "character": 4, "business": 3, "market": 3, "security": 2},
            )
            for row in rows[1:]
        ],
        acting_staff=cast[Role.APPRAISER],
    )
    lending.decide_application(
        acting_staff=cast[Role.COMMITTEE],
        application=rows[2],
        outcome=Outcome.APPROVE,
        decided_date=today - timedelta(days=1),
    )
    return rows
