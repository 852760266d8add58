"""Story `armenia`: a credit programme for refugees, returnees, displaced people and women heading
households.

Told here: outreach and categories (1), course, completion and certificate (2), plan with an
advisor and loan through the partner bank, whose file comes back with a wrong row that is listed
and never posted (3), repayment figures (4), monitoring with interval and bounds (5), persons
trained and families with loans (6), an association with its dues and a policy issue that moved
(7), the later scheme that takes whoever meets one of its criteria (9). Hand-over (8) is told in
test_handover.py.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import accumulate

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from tests.hands import Hands

from handup.groups.models.group import GroupKind
from handup.groups.queries import money_now
from handup.groups.services import NewGroup, NewMember, admit_members, dues, register_group
from handup.groups.services.assembly import Votes
from handup.groups.standing import votes_on
from handup.kernel.crypto import is_signed
from handup.ledger.models import Book, Line
from handup.lending.models import Application, BankFile, Loan
from handup.markets.models import PolicyIssue
from handup.org.verify import run_checks
from handup.people.models import Enquiry, Participation, Person
from handup.people.queries.categories import any_of_count, category_facts
from handup.people.queries.facts import facts_for
from handup.people.rules.codes import LegalStatusKind, VulnerabilityKind
from handup.people.rules.eligibility import Value
from handup.people.services import record_vulnerability
from handup.people.services.participation import (
    ApplicationIn,
    apply_to_programme,
    decide_eligibility,
    publish_rule,
)
from handup.projects.services import open_programme
from handup.results import services as results
from handup.results.report import Report, make_report
from handup.results.rules.statistics import bounds_for_unreached, percent_text, wilson
from handup.results.services.narratives import CauseClaimed
from handup.training.models import Certificate, Enrolment
from handup.training.rules.serials import code_parts
from stories.conftest import browser, programme, staff

AS_OF = date(2005, 6, 30)

pytestmark = pytest.mark.django_db


def report() -> Report:
    return make_report(programme("IOM-AM"), AS_OF)


def test_registrants_came_through_local_media() -> None:
    channels = set(
        Enquiry.objects.filter(programme=programme("IOM-AM")).values_list("channel", flat=True)
    )
    assert channels == {"MEDIA"}


def test_a_refugee_woman_heading_a_household_counts_in_both_categories_and_once_in_the_total() -> (
    None
):
    persons = Participation.objects.filter(programme=programme("IOM-AM")).values_list(
        "person_id", flat=True
    )
    facts = category_facts(persons, on=AS_OF)
    both = [fact for fact in facts.values() if {"REFUGEE", "WOMAN_HEAD"} <= fact.categories]
    assert both
    one = both[0]
    lines, total = any_of_count([one], ["REFUGEE", "WOMAN_HEAD"])
    assert (lines, total) == ({"REFUGEE": 1, "WOMAN_HEAD": 1}, 1)


def test_five_modules_are_taught_by_the_institute_and_completed_only_with_attendance_and_test() -> (
    None
):
    rows = Enrolment.objects.filter(cohort__programme=programme("IOM-AM"))
    cohort = rows.select_related("cohort__provider", "cohort__course__curriculum").first()
    assert cohort is not None
    assert cohort.cohort.provider is not None
    assert cohort.cohort.provider.code == "NIE"
    modules = cohort.cohort.course.curriculum.modules.order_by("number")
    assert list(modules.values_list("title", flat=True)) == [
        "Management",
        "Types of business",
        "Accounting and taxation",
        "Marketing",
        "Business planning",
    ]
    done = rows.filter(completed_date__isnull=False)
    assert done.values("person").distinct().count() == 52
    for row in rows.filter(completed_date__isnull=True):
        assert (
            row.attended_minutes is None
            or row.held_minutes is None
            or (row.attended_minutes * 10_000 < row.held_minutes * 8_000)
        )


def test_a_certificate_verifies_without_a_network_and_shows_no_status() -> None:
    """What the code says and the public key are enough; another name or day is found out."""
    certificate = Certificate.objects.select_related("enrolment__person", "signing_key").first()
    assert certificate is not None
    parts = code_parts(certificate.code_text)
    assert parts is not None
    _address, said, signature = parts
    key = certificate.signing_key.public_key
    assert is_signed(key, said.encode(), signature)
    assert not is_signed(key, said.replace(certificate.serial, "0000000").encode(), signature)
    assert certificate.serial in said
    assert said.endswith(certificate.printed_name)
    statuses = {*LegalStatusKind, *VulnerabilityKind}
    assert not [word for word in statuses if word.value in certificate.code_text]


def test_a_loan_went_through_the_partner_bank_and_stands_in_the_books() -> None:
    loans = Loan.objects.filter(programme=programme("IOM-AM"))
    assert loans.count() == 107
    assert set(loans.values_list("lender__mode", flat=True)) == {"BANK_FACILITY"}
    assert sum(loans.values_list("disbursed_units", flat=True)) == 112_000_00
    book = Book.objects.get(code="IOM-AM")
    for role in ("FACILITY_PLACED", "BANK"):
        lines = Line.objects.filter(entry__book=book, account__roles__role=role)
        moves = lines.order_by("entry__entry_date", "-units").values_list("units", flat=True)
        assert min(accumulate(moves)) >= 0, role


def test_a_wrong_row_of_the_banks_file_is_listed_and_never_posted() -> None:
    """The bank's clerk reads the signed loan, and brings back what the bank paid out and received.

    Sums and references are constructed (C).
    """
    today = timezone.localdate()
    row = Application.objects.get(programme=programme("IOM-AM"), state="APPROVED")
    signing = Hands("loan officer", client=browser("loan.officer"))
    signing.open(reverse("lending:sign", args=[row.pk])).fill(signed_date=today, start_date=today)
    new = Loan.objects.get(agreement__application=row)
    clerk = Hands("bank clerk", client=browser("bank.clerk"))
    clerk.open(reverse("lending:loan_detail", args=[new.pk])).says(new.code, "USD 750.00")
    running = Loan.objects.filter(programme=programme("IOM-AM"), state="ACTIVE").order_by("code")
    paying, slipped = running[:2]
    before = slipped.events.count()
    text = (
        "loan;kind;date;amount;reference;currency\n"
        f"{new.code};DISBURSEMENT;{today};750.00;D1;USD\n"
        f"{slipped.code};REPAYMENT;{today};4O.00;R1;USD\n"
        f"{paying.code};REPAYMENT;{today};40.00;R2;USD\n"
        f"{new.code};REPAYMENT;{today};10.00;R3;USD\n"
    )
    told = {"lender": str(new.lender_id), "act": "post"}
    for _turn in ("once", "and the same file again"):
        sent = SimpleUploadedFile("week.csv", text.encode())
        answer = clerk.client.post(reverse("lending:bank_file_new"), {**told, "file": sent})
        assert answer.status_code == 302
    file = BankFile.objects.get(lender=new.lender)
    assert (file.rows_total, file.rows_posted, file.rows_faulty) == (4, 3, 1)
    assert file.posted_units == 750_00 + 40_00 + 10_00
    wrong = file.lines.get(state="FAULT")
    assert (wrong.row, wrong.fault_code, wrong.fault_column) == (3, "AMOUNT_NOT_READABLE", "amount")
    assert (wrong.loan, wrong.event) == (slipped, None)
    clerk.open(reverse("lending:bank_file_detail", args=[file.pk]))
    clerk.says("Rows that were not posted", "“4O.00” is not an amount.")
    assert slipped.events.count() == before
    assert paying.events.get(reference="R2").units == 40_00
    new.refresh_from_db()
    assert (new.state, new.disbursed_units) == ("ACTIVE", 750_00)
    assert new.events.get(reference="R3").units == 10_00
    assert [one.check.code for one in run_checks(deep=True) if not one.holds] == []


def test_every_loan_rests_on_a_plan_an_advisor_made_and_a_second_person_read() -> None:
    rows = Application.objects.filter(programme=programme("IOM-AM"), state="SIGNED")
    assert rows.count() == 107
    for row in rows.select_related("plan_version__plan", "agreement__loan"):
        assert row.plan_version is not None
        plan = row.plan_version.plan
        assert plan.state == "FINANCED"
        assert plan.decided_date == row.agreement.loan.disbursed_date
        assert row.advisor_id == plan.advised_by_id
        assert plan.reviewed_by_id not in {None, plan.advised_by_id}
    page = browser("committee").get(reverse("lending:application_detail", args=[row.pk]))
    text = page.content.decode()
    assert f"{plan.number}, version 1" in text
    assert "With these instalments the cash lasts in every month" in text


def test_who_applies_now_waits_for_the_role_whose_step_it_is() -> None:
    for role, step in (
        ("appraiser", "Applications to appraise"),
        ("committee", "Applications to decide"),
        ("loan.officer", "Agreements to sign"),
    ):
        page = browser(role).get(reverse("desk:home")).content.decode()
        assert step in page, role
    row = Application.objects.get(programme=programme("IOM-AM"), state="APPRAISED")
    assert row.plan_version is not None
    assert row.plan_version.plan.state == "READY"


def test_eighty_nine_of_a_hundred_loans_are_repaid_with_the_other_definitions_beside_it() -> None:
    found = report()
    repaid = found.line("MED-FIN-05a")
    assert (repaid.numerator, repaid.denominator, repaid.value) == (89, 100, "89.0")
    assert repaid.method == "REPAID_NUMBER"
    assert [found.line(code).method for code in ("MED-FIN-05b", "MED-FIN-05c", "MED-FIN-04")] == [
        "REPAID_PRINCIPAL",
        "ON_TIME",
        "PAR30",
    ]
    written_off = Loan.objects.filter(programme=programme("IOM-AM"), state="WRITTEN_OFF")
    assert written_off.exists()
    past = {row.record for row in repaid.figure.base_rows}
    assert {str(pk) for pk in written_off.values_list("pk", flat=True)} <= past


def test_income_and_life_better_stand_with_n_interval_and_bounds() -> None:
    income, life = report().line("MED-IMP-01"), report().line("MED-IMP-02")
    assert (income.value, income.n, income.interval) == ("92.0", 100, ("85.0", "95.9"))
    assert (life.value, life.n, life.interval) == ("91.0", 100, ("83.8", "95.2"))
    assert (income.bounds, life.bounds) == (None, None), "all hundred of the story were asked"
    full = wilson(368, 400)
    assert full is not None
    assert (percent_text(full.low), percent_text(full.high)) == ("88.9", "94.3")
    low, high = bounds_for_unreached(368, 400, 3412)
    assert (percent_text(float(low)), percent_text(float(high))) == ("10.8", "99.1")


def test_a_report_that_says_because_is_refused_until_it_says_what_was_counted() -> None:
    ours, officer, manager = programme("IOM-AM"), staff("me.officer"), staff("manager")
    director = staff("director")
    snapshot = results.compute_snapshot(acting_staff=officer, programme=ours, day=AS_OF)
    codes = list(snapshot.figures.values_list("code", flat=True))
    results.check_figures(acting_staff=manager, snapshot=snapshot, codes=codes)
    results.approve_figures(acting_staff=director, snapshot=snapshot, codes=codes)
    snapshot = results.freeze_snapshot(acting_staff=director, snapshot=snapshot)
    asked = "{{ MED-IMP-01 }} of {{ MED-IMP-01 | of }} families asked"
    report = results.write_narrative(
        acting_staff=officer,
        snapshot=snapshot,
        title="The programme in figures",
        language="en",
        text=f"{asked} say their income is better because of the loans.",
    )
    with pytest.raises(CauseClaimed, match="because"):
        results.check_narrative(acting_staff=officer, narrative=report)
    results.edit_narrative(
        acting_staff=officer,
        narrative=report,
        title=report.title,
        text=f"{asked} say their income is better ({{{{ MED-IMP-01 | interval }}}}).",
    )
    results.check_narrative(acting_staff=officer, narrative=report)
    results.approve_narrative(acting_staff=manager, narrative=report)
    page = browser("me.officer").get(reverse("results:narrative_detail", args=[report.pk]))
    told = "92.0% of 100 families asked say their income is better (85.0% to 95.9%)."
    assert told in page.content.decode()


def test_persons_trained_families_with_loans_and_families_reached_are_three_figures() -> None:
    found = report()
    trained = found.line("MED-TRN-02").numerator
    with_loans = found.line("MED-FIN-02").numerator
    reached = found.line("MED-OUT-02").numerator
    assert (trained, with_loans, reached) == (52, 100, 103)


FIVE = {
    "children": ("children", ">=", 3),
    "no chance to migrate": ("statuses", "has_any", ["NO_MIGRATION_CHANCE"]),
    "woman-headed": ("woman_headed_household", "==", True),
    "lost work or remittances": ("statuses", "has_any", ["LOST_WORK", "LOST_REMITTANCES"]),
    "ill health": ("statuses", "has_any", ["ILL_HEALTH"]),
}
TOLD = {
    "no chance to migrate": VulnerabilityKind.NO_MIGRATION_CHANCE,
    "lost work or remittances": VulnerabilityKind.LOST_REMITTANCES,
    "ill health": VulnerabilityKind.ILL_HEALTH,
}


def test_the_later_scheme_takes_a_household_that_meets_one_of_its_five_criteria() -> None:
    """Of six households five meet one criterion each, every one another, and the last meets none:
    five are eligible (A18)."""
    ours, manager, officer = programme("IOM-AM"), staff("manager"), staff("targeting.officer")
    later = open_programme(
        acting_staff=manager, code="IOM-AM-G", title="Later grants", currency="USD"
    )
    leaves = [
        {"fact": fact, "op": op, "value": value, "reason": f"NOT_{fact.upper()}"}
        for fact, op, value in FIVE.values()
    ]
    publish_rule(
        acting_staff=manager,
        programme=later,
        title="Any of the criteria",
        tree={"any": leaves},
        valid_from=date(2004, 1, 5),
    )
    persons = Participation.objects.filter(programme=ours).values_list("person_id", flat=True)
    facts = facts_for(list(persons), programme=later, on=AS_OF)
    asked = ("children", "woman_headed_household")
    known = {pk: fact for pk, fact in facts.items() if None not in map(fact.get, asked)}
    many = [pk for pk, fact in known.items() if children(fact) >= 3 and not headed(fact)]
    women = [pk for pk, fact in known.items() if children(fact) < 3 and headed(fact)]
    none = [pk for pk, fact in known.items() if children(fact) < 3 and not headed(fact)]
    chosen = {"children": many[0], "woman-headed": women[0], "none": none[0]}
    for place, (criterion, kind) in enumerate(TOLD.items(), start=1):
        chosen[criterion] = none[place]
        record_vulnerability(
            acting_staff=officer,
            person=Person.objects.get(pk=none[place]),
            kind=kind,
            from_date=AS_OF - timedelta(days=30),
        )
    assert chosen.keys() == {*FIVE, "none"}
    verdicts = {}
    for criterion, pk in chosen.items():
        part = apply_to_programme(
            acting_staff=officer,
            application=ApplicationIn(
                person=Person.objects.get(pk=pk), programme=later, applied_date=AS_OF
            ),
        )
        decided = decide_eligibility(acting_staff=officer, participation=part, decided_date=AS_OF)
        verdicts[criterion] = decided.state
    assert verdicts == {**dict.fromkeys(FIVE, "ELIGIBLE"), "none": "NOT_ELIGIBLE"}


def children(facts: Mapping[str, Value]) -> int:
    """How many live there, of a household that told it."""
    told = facts["children"]
    assert isinstance(told, int)
    return told


def headed(facts: Mapping[str, Value]) -> bool:
    """Whether a woman heads the household, of one where it is known."""
    told = facts["woman_headed_household"]
    assert isinstance(told, bool)
    return told


def test_every_figure_opens_to_its_records() -> None:
    client = browser("me.officer")
    pk = programme("IOM-AM").pk
    page = client.get(reverse("results:benefits", args=[pk]), {"as_of": AS_OF.isoformat()})
    assert page.status_code == 200
    text = page.content.decode()
    assert "89.0" in text
    assert "89 of 100" in text
    for line in report().lines:
        figure = client.get(reverse("results:figure", args=[pk, line.code, AS_OF]))
        rows = client.get(reverse("results:rows", args=[pk, line.code, AS_OF]))
        assert (figure.status_code, rows.status_code) == (200, 200), line.code


def test_the_books_and_every_projection_are_proved() -> None:
    for outcome in run_checks(deep=True):
        assert outcome.holds, (outcome.check.code, outcome.shown)


def test_an_association_is_formed_and_its_dues_are_taken() -> None:
    """Name, dues and days are constructed (C): no source prints them."""
    officer, own = staff("field.officer"), programme("IOM-AM")
    people = Participation.objects.filter(programme=own).select_related("person__area")
    founders = [row.person for row in people.order_by("person__registration_no")[:12]]
    assert founders[0].area is not None
    formed, due = date(2004, 3, 1), date(2005, 3, 1)
    group = register_group(
        acting_staff=officer,
        programme=own,
        group=NewGroup(
            "Association of small traders",
            GroupKind.ASSOCIATION,
            founders[0].area,
            formed,
            own.currency,
            {"share_value_units": 1, "charge_rate_bps": 0},
        ),
    )
    joined = [NewMember(person=person, joined_date=formed) for person in founders]
    members = admit_members(acting_staff=officer, group=group, members=joined)
    dues.vote_dues(
        acting_staff=officer,
        group=group,
        tariff=dues.Tariff("MEMBER", formed, 12_000_00),
        votes=Votes(formed, yes=11, abstain=1),
    )
    assert len(dues.invoice_dues(acting_staff=officer, group=group, until=due)) == 12
    for member in members[:10]:
        dues.take_dues(acting_staff=officer, member=member, units=12_000_00, paid_date=due)
    assert money_now(group).cash["LOAN"] == 120_000_00
    assert votes_on(group, due) == 12
    assert votes_on(group, due + timedelta(days=1)) == 10
    reader = Hands("officer", client=browser("field.officer"))
    reader.open(reverse("groups:dues", args=[group.pk])).says("Members in arrears", "Receipt")
    assert [one.check.code for one in run_checks() if not one.holds] == []


def test_one_policy_issue_moved_one_stage_with_a_document() -> None:
    (issue,) = PolicyIssue.objects.filter(programme=programme("IOM-AM"))
    assert (issue.stage, issue.claim) == (2, "NONE")
    (event,) = issue.events.all()
    assert (event.before, event.after) == (1, 2)
    assert event.document is not None
    assert issue.association is not None
    page = browser("manager").get(f"/markets/policy/{issue.pk}/").content.decode()
    assert event.document.title in page
