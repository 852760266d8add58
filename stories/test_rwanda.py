"""Story `rwanda`: the apprenticeship funnel and enterprises in many trades.

Told here: the funnel from records and by the pure rule at full size (1), the agreement, the
stipend below transport that is acknowledged first, the assessor from outside the workshop and the
placement verified by another person six months later (2), literacy before
book-keeping and the small loan refused by the name of what is missing (3), an enterprise that
moves up a segment and supported against strengthened ones (4), the printed pairs of phase II (5),
the five lessons linked to decisions of phase II with the one that waits (6), the twelve kinds of
documents in the order of the page, the review without a file and the search that finds the case
study (7), the impact shares as printed beside the remark that nobody asked at completion (8).
Hand-over (9) is told in test_handover.py, the months in the workshop in test_rwanda_workshop.py.
"""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils.html import escape
from tests.hands import Hands, Stuck

from handup.kernel.money import decimal_text
from handup.lending.models import Application
from handup.markets.models import Linkage, TechnologyTrial
from handup.people.models import Enterprise, Participation
from handup.plans.queries import segment
from handup.plans.rules.segments import SegmentLine
from handup.plans.services.visits import set_segments
from handup.projects.models import Document, DocumentType, StatedFigure
from handup.projects.models.labels import Access, TargetKind
from handup.projects.queries import lessons_not_applied
from handup.projects.rules.pairs import check_pair
from handup.projects.rules.states import LessonState
from handup.projects.services import add_document, open_phase
from handup.projects.services.knowledge import (
    apply_lesson,
    decide_lesson,
    propose_lesson,
    publish_document,
)
from handup.results.report import make_report
from handup.training.models import (
    ApprenticeshipAgreement,
    Certificate,
    Curriculum,
    Enrolment,
    Placement,
)
from handup.training.rules.states import ON_THE_ROLL
from handup.training.services.apprenticeships import AgreementIn, sign_apprenticeship
from handup.training.services.refusals import ShortfallNotAcknowledged
from stories.conftest import browser, programme, staff

AS_OF = date(2004, 12, 31)
AFTER = date(2005, 3, 31)

pytestmark = pytest.mark.django_db


def test_the_funnel_of_the_records_keeps_both_counts_of_each_share() -> None:
    funnel = make_report(programme("IFAD-RW"), AS_OF).funnel
    assert [(line.count, line.share) for line in funnel] == [
        (34, None),
        (22, "64.7"),
        (21, "95.5"),
        (13, "61.9"),
    ]


def test_at_full_size_the_printed_sixty_five_percent_differs_from_the_computed() -> None:
    steps = (3416, 2219, 2064, 1319)
    shares = [decimal_text(Fraction(100 * after, before), 1) for before, after in pairwise(steps)]
    assert shares == ["65.0", "93.0", "63.9"]
    assert decimal_text(Fraction(100 * 1319, 2219), 1) == "59.4"
    printed = StatedFigure.objects.get(
        reference="R11", subject__contains="permanent paid jobs as printed"
    )
    assert printed.number == 65


def test_an_apprentice_has_an_agreement_with_money_in_both_directions() -> None:
    agreement = ApprenticeshipAgreement.objects.filter(
        enrolment__cohort__programme=programme("IFAD-RW")
    ).first()
    assert agreement is not None
    assert agreement.programme_fee_units > 0
    assert agreement.stipend_units > 0


def test_a_stipend_below_transport_is_acknowledged_before_anybody_signs() -> None:
    signed = ApprenticeshipAgreement.objects.filter(
        enrolment__cohort__programme=programme("IFAD-RW")
    ).first()
    assert signed is not None
    signed.workshop.vetted_date = AS_OF
    terms = AgreementIn(
        enrolment=Enrolment.objects.filter(
            cohort__programme=programme("IFAD-RW"), state__in=ON_THE_ROLL
        )[0],
        workshop=signed.workshop,
        trade="tailor",
        start_date=AS_OF,
        signed_date=AS_OF,
        currency="RWF",
        stipend_units=8_000,
        living_cost_units=11_500,
    )
    before = ApprenticeshipAgreement.objects.count()
    with pytest.raises(ShortfallNotAcknowledged, match=r"3,?500 below transport"):
        sign_apprenticeship(acting_staff=staff("training.officer"), terms=terms)
    assert ApprenticeshipAgreement.objects.count() == before


def taken_on(officer: Hands) -> ApprenticeshipAgreement:
    """One apprentice more, on pages: workshop, cohort, roll, agreement signed, begun in the
    workshop. Names, amounts and days are constructed (C).
    """
    ours = programme("IFAD-RW")
    vetted = {"trade": "tailor", "vetted_date": "2004-01-20"}
    officer.open("/training/workshops/new").fill(name="By the road", master_name="Rose", **vetted)
    officer.open("/training/cohorts/new").fill(
        course="Apprenticeship",
        programme=ours.title,
        code="APPR-S",
        starts_date="2004-02-02",
        ends_date="2004-07-30",
        capacity=1,
    )
    taken = Enrolment.objects.values("person")
    person = Participation.objects.filter(programme=ours).exclude(person__in=taken)[0].person
    cohort, roll = officer.at, {"persons": person.registration_no}
    came = {"applied_date": "2004-01-26", "open_day_date": "2004-01-24"}
    officer.follow("Record applications").fill(**roll, **came)
    officer.open(cohort).follow("Enrol people").fill(**roll, enrolled_date="2004-01-30")
    row = Enrolment.objects.get(person=person, cohort__code="APPR-S")
    terms: dict[str, object] = {
        "workshop": "By the road", "trade": "tailor", "start_date": "2004-02-02",
        "signed_date": "2004-02-02", "programme_fee_units": "4 000",
        "allowance_units": "1 000", "stipend_units": "8 000", "living_cost_units": "11 500",
    }  # fmt: skip
    with pytest.raises(Stuck, match=r"3,?500 below transport"):
        officer.open(f"/training/enrolments/{row.pk}/apprenticeship").fill(**terms)
    assert not row.apprenticeships.exists()
    officer.fill(**terms, shortfall_acknowledged=True)
    officer.says("RWF 4,000", "RWF 1,000", "RWF 3,500 a month below transport and lodging")
    officer.follow("Started in the workshop").fill(day="2004-02-02")
    return row.apprenticeships.get()


def test_an_apprentice_is_judged_from_outside_and_another_person_checks_the_job() -> None:
    before = make_report(programme("IFAD-RW"), AFTER).funnel
    officer = Hands("officer", client=browser("training.officer"))
    row = taken_on(officer).enrolment
    page = f"/training/apprenticeships/{row.apprenticeships.get().pk}/"
    judged: dict[str, object] = {
        "assessed_date": "2004-07-30", "skills": "2 3 2", "log_attended": 120, "log_due": 125,
    }  # fmt: skip
    officer.open(page).follow("Record the final assessment")
    with pytest.raises(Stuck, match="neither the master nor from the same workshop"):
        officer.fill(assessor_name="Rose", **judged)
    officer.fill(assessor_name="Tailors of the town", **judged).says("Tailors of the town")
    row.refresh_from_db()
    assert (row.state, row.completed_date) == ("COMPLETED", date(2004, 7, 30))
    officer.open(f"/training/enrolments/{row.pk}/placement").fill(
        kind="WAGE",
        employer="Tailors of the town",
        started_date="2004-08-16",
        claimed_date="2005-01-31",
        month="6",
        income_units="12 000",
        permanent=True,
    )
    job = row.placements.get()
    check = {"verified_date": "2005-02-04", "rejected": "0"}
    with pytest.raises(Stuck, match="by another person than the one who recorded it"):
        officer.open(f"/training/placements/{job.pk}/verify").fill(**check)
    other = Hands("field officer", client=browser("field.officer"))
    other.open(f"/training/placements/{job.pk}/verify").fill(**check)
    job.refresh_from_db()
    assert (job.state, job.permanent) == ("VERIFIED", True)
    after = make_report(programme("IFAD-RW"), AFTER).funnel
    assert [line.count for line in before] == [34, 22, 21, 13]
    assert [line.count for line in after] == [35, 23, 22, 14]


def test_a_job_counts_only_when_another_person_verified_it() -> None:
    placements = Placement.objects.filter(enrolment__cohort__programme=programme("IFAD-RW"))
    assert placements.filter(state="VERIFIED", permanent=True).count() == 13
    for row in placements:
        assert row.verified_by_id != row.claimed_by_id


def test_literacy_is_passed_before_book_keeping_is_begun() -> None:
    officer = Hands("training officer", client=browser("training.officer"))
    curriculum = Curriculum.objects.filter(state="APPROVED")[0]
    for code, title, before in (("LIT", "Literacy", None), ("BOOKS", "Book-keeping", "Literacy")):
        officer.open("/training/courses/new").fill(
            curriculum=str(curriculum.pk),
            code=code,
            title=title,
            type="LITERACY" if before is None else "BUSINESS",
            pass_rule="TEST",
            prerequisite=before or "",
        )
    opened = {}
    for title in ("Literacy", "Book-keeping"):
        officer.open("/training/cohorts/new").fill(
            course=title,
            programme=programme("IFAD-RW").title,
            code=title[:3],
            starts_date="2004-03-01",
            ends_date="2004-03-31",
            capacity=20,
        )
        opened[title] = officer.at
    person = Participation.objects.filter(programme=programme("IFAD-RW"))[0].person
    to_the_roll = {"persons": person.registration_no, "enrolled_date": "2004-02-27"}
    with pytest.raises(Stuck, match="has not completed Literacy yet"):
        officer.open(opened["Book-keeping"]).follow("Enrol people").fill(**to_the_roll)
    assert not Enrolment.objects.filter(person=person, cohort__code="Boo").exists()
    officer.open(opened["Literacy"]).follow("Enrol people").fill(**to_the_roll)
    officer.open(opened["Literacy"]).follow("Plan a session")
    officer.fill(session_date="2004-03-02", minutes_planned=120, title="Reading")
    officer.open(opened["Literacy"]).follow("Set a test")
    officer.fill(title="Reading and sums", kind="POST", max_score=20, test_date="2004-03-30")
    officer.open(opened["Literacy"]).follow("1").follow("It took place").fill()
    officer.open(opened["Literacy"]).follow("1").fill(**{officer.field("cell-"): 120})
    officer.open(opened["Literacy"]).follow("Reading and sums")
    officer.fill(**{officer.field("cell-"): 15})
    officer.open(opened["Literacy"]).follow("Close").fill(closed_date="2004-03-31")
    officer.says("1 of 1 completed the course.")
    later = {**to_the_roll, "enrolled_date": "2004-04-01"}
    officer.open(opened["Book-keeping"]).follow("Enrol people").fill(**later)
    assert Enrolment.objects.filter(person=person, cohort__code="Boo").exists()


def test_a_coup_de_pouce_is_refused_by_the_name_of_what_is_missing() -> None:
    manager, officer = (Hands(name, client=browser(name)) for name in ("manager", "loan.officer"))
    money = Hands("finance manager", client=browser("finance.manager"))
    money.open("/ledger/books/new/").fill(
        name="Local fund", code="MFI", kind="LENDER", base_currency="RWF", fiscal_year_start="1"
    )
    manager.open("/lending/lenders/new/").fill(
        book="Local fund",
        code="MFI",
        name="Local fund",
        mode="DIRECT",
        currency="RWF",
        active_from="2000-01-03",
    )
    officer.open("/lending/products/new/").fill(
        code="COUP", name="Coup de pouce", lender="Local fund", effective_date="2000-01-03",
        preset="handup-declining", rate_percent="1", rate_per="MONTH", instalments="12",
        smallest="10 000", largest="80 000", certificate_required=True, savings_percent="10",
        members="1",
    )  # fmt: skip
    manager.open(officer.at).follow("Approve").fill()
    taught = Certificate.objects.values("enrolment__person")
    part = Participation.objects.filter(programme=programme("IFAD-RW"), state="ACTIVE")
    person = part.exclude(person__in=taught)[0].person
    officer.open(f"/people/persons/{person.pk}/")
    asked: dict[str, object] = {
        "product_version": "Coup de pouce", "amount": "50 000", "instalments": "6",
        "purpose": "a sewing machine",
    }  # fmt: skip
    asking = f"/lending/applications/new/?borrower={person.registration_no}"
    with pytest.raises(Stuck) as refused:
        officer.open(asking).fill(**asked)
    told = str(refused.value)
    assert "the certificate of training is missing" in told, told
    assert "savings" in told, told
    assert not Application.objects.filter(person=person).exists()


def test_an_enterprise_that_grows_by_one_franc_moves_up_a_segment() -> None:
    ours = programme("IFAD-RW")
    table = [
        (SegmentLine("SUBSISTENCE", 0, 15_000), "subsistence"),
        (SegmentLine("EMERGING", 15_000, 150_000), "emerging"),
        (SegmentLine("GROWING", 150_000, None), "growing"),
    ]
    set_segments(acting_staff=staff("manager"), programme=ours, currency="RWF", table=table)
    assert segment(ours, 14_999) == "SUBSISTENCE"
    assert segment(ours, 15_000) == "EMERGING"


def test_of_the_printed_pairs_of_phase_two_one_is_flagged_and_none_corrected() -> None:
    rows = list(StatedFigure.objects.filter(reference="R24").order_by("subject"))
    assert len(rows) == 5
    found, dollars = {}, {}
    for row in rows:
        local, _equals, foreign = row.printed.partition(" = ")
        name = row.subject.removeprefix("Phase II base cost ")
        dollars[name] = int(foreign)
        found[name] = check_pair(
            local=Fraction(local) * 1_000_000,
            foreign=int(foreign),
            rate=500,
            step_local=100_000,
            step_foreign=100,
        )
    assert [name for name, pair in found.items() if not pair.agrees] == ["C2"]
    assert found["C2"].implied_rate_text == "496.07"
    assert sum(dollars[name] for name in ("C1", "C2", "C3", "C4")) == 14_591_600


def test_supported_is_not_strengthened_without_an_improvement() -> None:
    report = make_report(programme("IFAD-RW"), AS_OF)
    assert report.line("MED-ENT-02s").numerator == 38
    assert report.line("MED-ENT-02").numerator == 12
    assert Enterprise.objects.filter(programme=programme("IFAD-RW")).count() == 38


def test_the_donor_sees_the_funnel_and_no_names() -> None:
    client = browser("funder")
    pk = programme("IFAD-RW").pk
    page = client.get(reverse("results:benefits", args=[pk]), {"as_of": AS_OF.isoformat()})
    assert page.status_code == 200
    assert "Participant" not in page.content.decode()
    rows = client.get(reverse("results:rows", args=[pk, "MED-TRN-04", AS_OF]))
    assert rows.status_code == 403


def test_technology_answers_a_need_and_what_is_said_of_it_stands_with_both_numbers() -> None:
    """R15 and R27: nine of the twelve who took it up report better quality (C)."""
    (trial,) = TechnologyTrial.objects.filter(need__programme=programme("IFAD-RW"))
    rows = trial.adoptions.all()
    assert (trial.people, rows.count()) == (14, 12)
    assert rows.filter(better_quality="YES").count() == 9
    page = browser("manager").get(f"/markets/trials/{trial.pk}/").content.decode()
    assert "75.0%" in page
    assert "of 12" in page


def test_government_and_producers_keep_what_they_promised_each_other() -> None:
    """R6: links government – producers; one promise kept, one still open (C)."""
    (linkage,) = Linkage.objects.filter(programme=programme("IFAD-RW"))
    kept = [row.done_date is not None for row in linkage.commitments.order_by("due_date")]
    assert kept == [True, False]


def test_five_lessons_are_linked_to_decisions_of_phase_two_and_one_is_not_yet_applied() -> None:
    """R27 and R28; which decision each led to is constructed (C)."""
    ours, manager = programme("IFAD-RW"), staff("manager")
    second = open_phase(acting_staff=manager, programme=ours, code="2", title="Phase II")
    evidence = add_document(
        acting_staff=manager,
        programme=ours,
        type=DocumentType.objects.get(code="PROJECT_COMPLETION_REPORT"),
        title="Completion report",
        language="en",
    )
    five = StatedFigure.objects.get(reference="R27").printed.split("; ")
    waits, _weak = StatedFigure.objects.get(reference="R28").printed.split("; ")
    lessons = {
        statement: propose_lesson(
            acting_staff=manager,
            programme=ours,
            statement=statement,
            evidence=evidence,
            evidence_page="12",
        )
        for statement in (*five, waits)
    }
    decisions = ("Who comes first", "Two aims", "Assemblies", "Refreshers", "Needs asked first")
    for statement, decision in zip(five, decisions, strict=True):
        lesson = decide_lesson(
            acting_staff=manager, lesson=lessons[statement], state=LessonState.ACCEPTED
        )
        apply_lesson(
            acting_staff=manager,
            lesson=lesson,
            target_kind=TargetKind.DESIGN_DECISION,
            target=decision,
            what_changed="Written into the design",
            applied_date=AS_OF,
            decided_by="Design mission",
            target_phase=second,
        )
    assert (len(lessons), lessons_not_applied(ours)) == (6, 1)
    reader = Hands("manager", client=browser("manager"))
    reader.open(f"/projects/phases/{second.pk}/")
    for decision in decisions:
        reader.says(decision)
    reader.open(f"/projects/lessons/?programme={ours.pk}&state=PROPOSED")
    assert reader.links(waits)
    assert not any(reader.links(statement) for statement in five)


def test_twelve_kinds_of_documents_stand_in_the_order_of_the_page() -> None:
    """R29; that nobody has the mid-term review is constructed (C)."""
    ours, manager, other = programme("IFAD-RW"), staff("manager"), staff("director")
    kinds = list(DocumentType.objects.all())
    assert [kinds[place].code for place in (0, 1, 5, 8, 11)] == [
        "PRESIDENTS_REPORT",
        "PROJECT_DESIGN_REPORT",
        "INTERIM_REVIEW",
        "SPECIAL_STUDY",
        "PROJECT_COMPLETION_REPORT",
    ]
    for code, title, access, content in (
        ("SPECIAL_STUDY", "Apprenticeship case study", Access.PUBLIC, b"%PDF-1.4 study"),
        ("INTERIM_REVIEW", "Mid-term review", Access.INTERNAL, None),
    ):
        add_document(
            acting_staff=manager,
            programme=ours,
            type=DocumentType.objects.get(code=code),
            title=title,
            language="en",
            access=access,
            content=content,
            filename="study.pdf",
        )
    reader = Hands("manager", client=browser("manager"))
    page = reader.open(f"/projects/programmes/{ours.pk}/").body.decode()
    at = [page.index(f"<h3>{escape(str(kind))}</h3>") for kind in kinds[:12]]
    assert at == sorted(at)
    review = page[page.index("Mid-term review") :]
    assert "no file is held" in review[: review.index("</li>")]
    study = Document.objects.get(title="Apprenticeship case study")
    publish_document(acting_staff=other, document=study)
    shown = browser("funder").get(f"/projects/programmes/{ours.pk}/").content.decode()
    assert "Apprenticeship case study" in shown
    assert "Mid-term review" not in shown
    for words, found in (("case study", True), ("mid-term review", False)):
        library = browser("funder").post("/projects/library/", {"q": words}, follow=True)
        listed = library.content.decode()
        assert (f"/projects/documents/{study.pk}" in listed) is found
        assert "Mid-term review" not in listed


def test_impact_shares_stand_as_printed_and_no_mean_is_made_of_areas() -> None:
    """R19 and R20: earlier surveys, no survey at completion."""
    remark = StatedFigure.objects.get(reference="R19", subject__contains="remark")
    assert remark.printed == "no survey at completion"
    savers = {
        row.subject.removeprefix("Savers "): row.printed
        for row in StatedFigure.objects.filter(reference="R20", subject__startswith="Savers")
    }
    assert savers == {
        "in Byumba": "43 to 58",
        "in Umutara": "29 to 50",
        "in Ruhengeri": "26 to 64",
        "overall": "32 to 57",
    }
    figures = browser("manager").post("/projects/figures/", {"q": "R19"}, follow=True)
    shown = figures.content.decode()
    assert "Impact 1998-2002: turnover up" in shown
    assert "no survey at completion" in shown
    codes = {line.code for line in make_report(programme("IFAD-RW"), AS_OF).lines}
    assert not {code for code in codes if code.startswith("MED-IMP")}
