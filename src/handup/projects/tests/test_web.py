"""The web door of projects: the programme page, printed figures, budgets, documents, lessons."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org import installation
from handup.org.models import Area, DutyException, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.projects import beginning
from handup.projects.models import (
    Budget,
    Document,
    DocumentType,
    Lesson,
    LessonApplication,
    Organisation,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.models.labels import FundingKind, PartnerRole, Reach, Relation
from handup.projects.rules.states import LessonState
from handup.projects.services import (
    BudgetLineIn,
    add_area,
    add_document,
    add_document_type,
    add_partner,
    decide_lesson,
    prepare_budget,
    propose_lesson,
    publish_document,
    record_funding,
    relate_programme,
)
from handup.projects.tests.conftest import DAY


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def browser(manager: StaffUser) -> Client:
    return signed_in(manager)


def page_of(client: Client, name: str, row: Any) -> str:
    return client.get(reverse(f"projects:{name}", args=[row.pk])).content.decode()


@pytest.fixture
def lesson(manager: StaffUser, programme: Programme, report: Document) -> Lesson:
    return propose_lesson(
        acting_staff=manager,
        programme=programme,
        statement="Training works but must continue.",
        evidence=report,
    )


def test_the_programme_page_follows_a_funder_s_public_page(
    browser: Client,
    manager: StaffUser,
    programme: Programme,
    phase: Phase,
    lesson: Lesson,
    funder_organisation: Organisation,
) -> None:
    relate_programme(
        acting_staff=manager,
        programme=programme,
        relation=Relation.SISTER,
        other_title="Rural component B-2",
    )
    record_funding(
        acting_staff=manager,
        programme=programme,
        funder=funder_organisation,
        kind=FundingKind.LOAN,
        currency="USD",
        amount_units=543_000_000,
        terms="highly concessional",
    )
    add_partner(
        acting_staff=manager,
        programme=programme,
        organisation=funder_organisation,
        role=PartnerRole.FUNDER,
    )
    area = Area.objects.create(code="N", names={"en": "North district"})
    add_area(acting_staff=manager, programme=programme, area=area, reach=Reach.ACTIVITY)
    page = page_of(browser, "programme_detail", programme)
    order = [
        "Small enterprises",
        "Lasting self-employment.",
        "North district",
        "Training works but must continue.",
        "Rural component B-2",
        "2013-06",
        "highly concessional",
        "Completion report",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_a_missing_file_is_said_to_staff_and_hidden_from_a_funder(
    browser: Client,
    manager: StaffUser,
    funder: StaffUser,
    programme: Programme,
    report_type: DocumentType,
) -> None:
    add_document_type(acting_staff=manager, code="AUDIT", names={"en": "Audit"}, position=1)
    add_document(
        acting_staff=manager,
        programme=programme,
        type=report_type,
        title="Mid-term review",
        language="en",
    )
    page = page_of(browser, "programme_detail", programme)
    assert "no file is held" in page
    assert "nothing yet" in page
    outside = page_of(signed_in(funder), "programme_detail", programme)
    assert "Mid-term review" not in outside
    assert "Audit" not in outside


def test_a_file_is_sent_as_an_attachment_to_those_who_may_read_it(
    browser: Client,
    second_manager: StaffUser,
    funder: StaffUser,
    report: Document,
) -> None:
    address = reverse("projects:document_file", args=[report.pk])
    answer = browser.get(address)
    assert answer.content.startswith(b"What was done")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert signed_in(funder).get(address).status_code == 404  # a draft
    publish_document(acting_staff=second_manager, document=report)
    assert signed_in(funder).get(address).status_code == 200


def test_a_programme_and_a_phase_are_opened_by_forms(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"code": "N1", "title": "New", "currency": "usd", "default_language": "en"}
    address = reverse("projects:programme_new")
    wrong = browser.post(address, told)
    assert wrong.status_code == 422
    assert 'href="#id_currency"' in wrong.content.decode()
    browser.post(address, told | {"currency": "USD"})
    programme = Programme.objects.get()
    phase = {
        "code": "I",
        "title": "Phase one",
        "status": "PIPELINE",
        "start": "2026-06-01",
        "start_precision": "MONTH",
        "end": "2026-01-01",
        "end_precision": "DAY",
    }
    address = reverse("projects:phase_new", args=[programme.pk])
    assert browser.post(address, phase).status_code == 422
    assert browser.post(address, phase | {"end_precision": "YEAR"}).status_code == 302
    row = Phase.objects.get()
    assert (str(row.start), str(row.end)) == ("2026-06", "2026")
    status = reverse("projects:phase_status", args=[row.pk])
    assert 'value="CLOSED"' not in browser.get(status).content.decode()
    assert browser.post(status, {"status": "ACTIVE"}).status_code == 422, "it has no logframe"
    row.refresh_from_db()
    assert row.status == "PIPELINE"
    monkeypatch.setattr(beginning, "missing", [])
    browser.post(status, {"status": "ACTIVE"})
    row.refresh_from_db()
    assert row.status == "ACTIVE"
    assert "Phase one" in page_of(browser, "phase_detail", row)


def test_a_clerk_reads_the_programme_but_opens_none_and_sees_no_money(
    clerk: StaffUser, programme: Programme, phase: Phase
) -> None:
    client = signed_in(clerk)
    page = page_of(client, "programme_detail", programme)
    assert "Small enterprises" in page
    assert "Financing" not in page
    assert client.get(reverse("projects:programme_new")).status_code == 403
    assert "Small enterprises" in client.get(reverse("projects:programme_list")).content.decode()


def test_a_figure_is_kept_as_printed(browser: Client, programme: Programme) -> None:
    address = reverse("projects:stated_figure_new", args=[programme.pk])
    told = {
        "subject": "Families with loans",
        "printed": "> 3 400",
        "number": "3400",
        "bound": "OVER",
        "as_of": "2004-01-01",
        "as_of_precision": "YEAR",
        "source": "S1",
    }
    assert browser.post(address, told | {"source": ""}).status_code == 422
    assert browser.post(address, told).status_code == 302
    row = StatedFigure.objects.get()
    assert (row.printed, row.as_of_precision) == ("> 3 400", "YEAR")
    listed = browser.post(
        reverse("projects:stated_figure_list"), {"bound": "OVER", "q": "families"}, follow=True
    ).content.decode()
    assert "&gt; 3 400" in listed


def test_partners_and_organisations_are_listed(
    browser: Client, programme: Programme, funder_organisation: Organisation
) -> None:
    address = reverse("projects:partner_new", args=[programme.pk])
    told = {"organisation": str(funder_organisation.pk), "role": "FUNDER"}
    assert browser.post(address, told).status_code == 302
    assert browser.post(address, told).status_code == 422
    listed = browser.get(reverse("projects:organisation_list"), {"kind": "FUNDER"})
    assert "The Fund" in listed.content.decode()


def test_a_document_is_added_with_its_file(
    browser: Client, programme: Programme, report_type: DocumentType
) -> None:
    address = reverse("projects:document_new", args=[programme.pk])
    told = {
        "type": str(report_type.pk),
        "title": "Case study",
        "language": "en",
        "date": "2011-06-01",
        "date_precision": "MONTH",
        "access": "PUBLIC",
    }
    file = SimpleUploadedFile("study.pdf", b"%PDF-1.7 the study")
    assert browser.post(address, told | {"file": file}).status_code == 302
    row = Document.objects.get()
    assert row.file is not None
    assert row.file.content_type == "application/pdf"
    broken = SimpleUploadedFile("study.exe", b"MZ\x00\x01")
    again = browser.post(address, told | {"title": "Other", "file": broken})
    assert again.status_code == 422
    assert Document.objects.count() == 1


@pytest.fixture
def budget(accountant: StaffUser, phase: Phase) -> Budget:
    line = BudgetLineIn(
        code="C2",
        title="Advice",
        currency="RWF",
        amount_units=3_157_100_000,
        step_units=100_000,
        reporting_units=636_420_000,
        reporting_step_units=10_000,
        rate=Fraction(500),
        rate_date=date(2002, 12, 31),
        rate_source="appraisal report",
    )
    return prepare_budget(
        acting_staff=accountant, phase=phase, reporting_currency="USD", lines=[line]
    )


def test_a_budget_shows_the_rate_a_wrong_pair_implies_and_is_approved_by_one_button(
    browser: Client, accountant: StaffUser, clerk: StaffUser, programme: Programme, budget: Budget
) -> None:
    page = page_of(browser, "budget_detail", budget)
    assert "implies a rate of 496.07" in page.lower()
    assert "496.07" in page_of(browser, "programme_detail", programme)
    approve = reverse("projects:budget_approve", args=[budget.pk])
    assert approve in page
    assert signed_in(clerk).post(approve).status_code == 404
    assert signed_in(accountant).post(approve).status_code == 403
    assert browser.get(approve).status_code == 405
    assert browser.post(approve).status_code == 302
    assert browser.post(approve).status_code == 409
    budget.refresh_from_db()
    assert budget.state == "APPROVED"


def test_a_lesson_goes_from_proposed_to_applied(
    browser: Client, manager: StaffUser, programme: Programme, phase: Phase, lesson: Lesson
) -> None:
    decide = reverse("projects:lesson_decide", args=[lesson.pk])
    assert browser.post(decide, {"state": "NOT_APPLIED"}).status_code == 422
    assert browser.post(decide, {"state": "ACCEPTED"}).status_code == 302
    apply = reverse("projects:lesson_apply", args=[lesson.pk])
    told = {
        "target_kind": "PHASE",
        "target": "Phase II curriculum",
        "target_phase": str(phase.pk),
        "what_changed": "Refresher course each year.",
        "applied_date": DAY.isoformat(),
        "decided_by": "Design mission",
    }
    assert browser.post(apply, told | {"what_changed": ""}).status_code == 422
    assert browser.post(apply, told).status_code == 302
    assert "Refresher course each year." in page_of(browser, "lesson_detail", lesson)
    assert "Phase II curriculum" in page_of(browser, "phase_detail", phase)
    listed = browser.get(reverse("projects:lesson_list"), {"state": "APPLIED"}).content.decode()
    assert "Training works but must continue." in listed
    assert LessonApplication.objects.count() == 1


def test_anyone_of_the_staff_proposes_a_lesson(clerk: StaffUser, programme: Programme) -> None:
    address = reverse("projects:lesson_new", args=[programme.pk])
    told = {"statement": "Ask the most vulnerable first.", "confidence": "HIGH"}
    assert signed_in(clerk).post(address, told).status_code == 302
    row = Lesson.objects.get()
    assert (row.state, row.confidence, row.proposed_by) == ("PROPOSED", "HIGH", clerk)


def test_a_lesson_not_applied_can_be_taken_up_later(
    browser: Client, manager: StaffUser, lesson: Lesson
) -> None:
    decide_lesson(
        acting_staff=manager, lesson=lesson, state=LessonState.NOT_APPLIED, reason="No money"
    )
    page = page_of(browser, "lesson_detail", lesson)
    assert "No money" in page
    offered = page_of(browser, "lesson_decide", lesson)
    assert 'value="ACCEPTED"' in offered
    assert 'value="PROPOSED"' not in offered


def test_a_page_nobody_wrote_does_not_exist(browser: Client, programme: Programme) -> None:
    for name in ("programme_detail", "phase_detail", "budget_detail", "lesson_detail"):
        address = reverse(f"projects:{name}", args=["01890000-0000-7000-8000-000000000000"])
        assert browser.get(address).status_code == 404


def test_an_organisation_an_area_and_financing_are_entered_on_pages(
    browser: Client, programme: Programme
) -> None:
    area = Area.objects.create(code="N", names={"en": "North district"})
    told = {"name": "Our own house", "code": "OWN", "kinds": ["IMPLEMENTER", "FUNDER"]}
    new = reverse("projects:organisation_new")
    assert (
        "Enter an organisation"
        in browser.get(reverse("projects:organisation_list")).content.decode()
    )
    assert browser.post(new, told | {"country_code": "am"}).status_code == 302
    own = Organisation.objects.get()
    assert (own.country_code, own.kinds.count()) == ("AM", 2)
    refused = browser.post(new, told).content.decode()
    assert "The code OWN is taken already." in refused
    where = reverse("projects:area_new", args=[programme.pk])
    assert browser.post(where, {"area": area.pk, "reach": "ACTIVITY"}).status_code == 302
    assert (
        "named here already"
        in browser.post(where, {"area": area.pk, "reach": "ACTIVITY"}).content.decode()
    )
    money = {"organisation": own.pk, "kind": "GRANT", "currency": "usd", "amount_units": "1 250,50"}
    pay = reverse("projects:funding_new", args=[programme.pk])
    read = browser.post(pay, money).content.decode()
    assert "1,250.50" in read
    assert programme.funding.count() == 0
    assert browser.post(pay, money | {"_read_back": "1"}).status_code == 302
    assert programme.funding.get().amount_units == 1_250_50
    shown = page_of(browser, "programme_detail", programme)
    assert "North district" in shown
    assert "Our own house" in shown


def test_who_may_not_sees_no_such_button_and_enters_nothing(
    programme: Programme, clerk: StaffUser
) -> None:
    client = signed_in(clerk)
    assert "financing/new" not in page_of(client, "programme_detail", programme)
    for name in ("area_new", "funding_new"):
        assert client.get(reverse(f"projects:{name}", args=[programme.pk])).status_code == 403
    assert client.get(reverse("projects:organisation_new")).status_code == 403


def test_one_person_alone_is_asked_for_a_reason_on_every_page_and_it_is_kept(
    manager: StaffUser, programme: Programme, phase: Phase
) -> None:
    installation.put(installation.PROFILE, Profile.SOLO.value)
    line = BudgetLineIn(
        code="1", title="Training", currency="RWF", amount_units=100, reporting_units=100
    )
    today = timezone.localdate()
    manager.grants.create(role=Role.ACCOUNTANT, scope=ScopeKind.ALL, starts=today, ends=today)
    alone = StaffUser.objects.get(pk=manager.pk)
    budget = prepare_budget(acting_staff=alone, phase=phase, reporting_currency="RWF", lines=[line])
    browser = signed_in(alone)
    approve = reverse("projects:budget_approve", args=[budget.pk])
    asked = browser.post(approve, {"kept": "x"})
    assert asked.status_code == 409
    assert 'name="_duty_reason"' in asked.content.decode()
    assert '<input type="hidden" name="kept" value="x">' in asked.content.decode()
    budget.refresh_from_db()
    assert (budget.state, DutyException.objects.count()) == ("DRAFT", 0)
    done = browser.post(approve, {"kept": "x", "_duty_reason": "I am alone here"})
    assert done.status_code == 302
    budget.refresh_from_db()
    assert budget.state == "APPROVED"
    kept = DutyException.objects.get()
    assert (kept.step, kept.reason) == ("projects.approve_budget", "I am alone here")


LINES = """C1\tTraining\t1 000\t\t2027
C1.1\tTrainers\t600\tC1\t2027

C1.2\tRooms\t400\tC1\t2027
C2;Loans;20 000;;2027;USD;0.002;2026-12-01;Central bank
"""


def test_a_budget_is_prepared_as_lines_of_a_spreadsheet_and_every_fault_is_told_with_its_line(
    accountant: StaffUser, phase: Phase
) -> None:
    client = signed_in(accountant)
    page = reverse("projects:budget_new", args=[phase.pk])
    told = {"reporting_currency": "rwf", "lines": LINES}
    wrong = client.post(page, told | {"lines": LINES + "\nC3\nC4;Rent;x;C9;27"})
    text = wrong.content.decode()
    assert (wrong.status_code, phase.budgets.count()) == (422, 0)
    assert "Line 7: write at least code, title and amount" in text
    assert "Line 8: Write the amount in digits" in text
    lost = client.post(page, told | {"lines": "\nC4;Rent;1;C9"}).content.decode()
    assert "Line 2: The line C9 above C4 is not in this budget." in lost
    done = client.post(page, told)
    assert done.status_code == 302
    (budget,) = phase.budgets.all()
    assert (budget.state, budget.prepared_by, budget.reporting_currency) == (
        "DRAFT",
        accountant,
        "RWF",
    )
    assert list(budget.lines.values_list("code", "parent__code", "year")) == [
        ("C1", None, 2027),
        ("C1.1", "C1", 2027),
        ("C1.2", "C1", 2027),
        ("C2", None, 2027),
    ]
    loans = budget.lines.get(code="C2")
    assert (loans.amount_units, loans.reporting_units) == (2_000_000, 10_000_000)
    again = client.post(page, told).content.decode()
    assert "Write why the budget is revised." in again


def test_kinds_of_documents_a_final_document_and_a_related_programme_are_told_on_pages(
    browser: Client, clerk: StaffUser, programme: Programme
) -> None:
    kind = {"code": "DIARY", "name_en": "Diary", "name_fr": "Journal"}
    browser.post(reverse("projects:document_type_new"), kind)
    made = DocumentType.objects.get(code="DIARY")
    assert made.names == {"en": "Diary", "fr": "Journal"}
    assert "Diary" in browser.get(reverse("projects:document_type_list")).content.decode()
    row = Document.objects.create(
        programme=programme, type=made, title="First year", language="en", added_by=clerk
    )
    final = reverse("projects:document_publish", args=[row.pk])
    assert final in page_of(browser, "programme_detail", programme)
    assert "No other document is replaced" in browser.get(final).content.decode()
    browser.post(final)
    row.refresh_from_db()
    assert row.state == "FINAL"
    second = Document.objects.create(
        programme=programme, type=made, title="Second year", language="en", added_by=clerk
    )
    said = browser.get(reverse("projects:document_publish", args=[second.pk])).content.decode()
    assert "replaced by it: \u201cFirst year\u201d." in said
    page = reverse("projects:document_type_detail", args=[made.pk])
    change = reverse("projects:document_type_change", args=[made.pk])
    assert change in browser.get(page).content.decode()
    assert change not in signed_in(clerk).get(page).content.decode()
    assert signed_in(clerk).post(change, {"several": "on"}).status_code == 403
    assert browser.post(change, {"several": "on"}).status_code == 302
    browser.post(reverse("projects:document_publish", args=[second.pk]))
    assert set(Document.objects.filter(type=made).values_list("state", flat=True)) == {"FINAL"}
    assert final not in page_of(browser, "programme_detail", programme)
    browser.post(
        reverse("projects:relation_new", args=[programme.pk]),
        {"relation": "FOLLOWS", "other": "", "other_title": "The pilot of 1996"},
    )
    assert "The pilot of 1996" in page_of(browser, "programme_detail", programme)
    assert signed_in(clerk).post(reverse("projects:document_type_new"), kind).status_code == 403
