"""Documents of an application: asked for by its product, seen by somebody, missing by name."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from handup.kernel.ids import new_id
from handup.lending import persons, services
from handup.lending.errors import BeforeItsStep, FutureDate
from handup.lending.models import (
    Application,
    ApplicationDocument,
    DecisionCondition,
    Loan,
    ProductVersion,
)
from handup.lending.rules.codes import ApplicationState, ConditionStep, Outcome
from handup.lending.rules.documents import fault_of, same, still_missing
from handup.lending.rules.eligibility import BadPrecondition, Preconditions
from handup.lending.services import documents
from handup.lending.services.conditions import ConditionOpen
from handup.lending.tests.cast import START, World, applied, make_product, still_open
from handup.lending.tests.test_api import ROOT, get, post
from handup.lending.tests.test_pages import at, do
from handup.org import retention
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded
from handup.org.models import AuditLine, ReadEntry, StoredFile
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.services.files import UnknownFileKind, kept_form, path_of
from handup.org.tests.standing import standing

LEASE, PERMIT = "Lease of the place", "Permit of the market"
SEEN = START - timedelta(days=6)


def picture(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (2, 2), colour).save(out, "PNG")
    return kept_form(out.getvalue())


PNG = picture("white")


@standing
def product(world: World) -> ProductVersion:
    """Asks for two documents."""
    return make_product(
        world.cast,
        world.direct,
        "PAPERS",
        eligibility={"certificate_required": False, "documents": [LEASE, PERMIT]},
    )


@standing
def row(world: World, product: ProductVersion) -> Application:
    return applied(world, product_version=product)


def keep(world: World, row: Application, kind: str = LEASE, **changes: Any) -> ApplicationDocument:
    """The officer saw it."""
    told: dict[str, Any] = {"kind": kind, "seen_date": SEEN, "number": "L-7", **changes}
    by = told.pop("by", world.cast.officer)
    return documents.keep_document(acting_staff=by, application=row, **told)


def decide(world: World, row: Application) -> None:
    """Appraised and approved."""
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=START - timedelta(days=3),
    )


def sign(world: World, row: Application) -> Any:
    return services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )


@pytest.mark.parametrize(
    ("asked", "seen", "left"),
    [
        ((), (), ()),
        ((LEASE, PERMIT), (), (LEASE, PERMIT)),
        ((LEASE, PERMIT), ("lease  of the PLACE", "Another"), (PERMIT,)),
        ((LEASE,), (LEASE,), ()),
    ],
)
def test_what_is_missing_is_told_in_the_order_it_is_asked_for(
    asked: tuple[str, ...], seen: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert still_missing(asked, seen) == left
    assert same("A  lease", "a LEASE ")
    assert not same("Lease", "Leases")


@pytest.mark.parametrize("wrong", ["Lease", [""], [7], ["x" * 81], ["A", "a "], ["a"] * 21, None])
def test_a_list_that_is_none_is_no_product_of(wrong: Any) -> None:
    assert fault_of(wrong)
    with pytest.raises(BadPrecondition):
        Preconditions.of({"documents": wrong})


def test_a_missing_document_is_a_condition_before_signing_that_the_document_meets(
    world: World, row: Application
) -> None:
    keep(world, row)
    decide(world, row)
    appraisal = row.appraisals.get()
    assert appraisal.facts["documents_missing"] == [PERMIT]
    assert appraisal.stops == []
    condition = DecisionCondition.objects.get()
    assert (condition.text, condition.before) == (PERMIT, ConditionStep.SIGNING)
    with pytest.raises(ConditionOpen, match=PERMIT):
        sign(world, row)
    permit = keep(world, row, "permit of the market", number="", seen_date=START)
    condition.refresh_from_db()
    assert (condition.met_date, condition.met_by) == (START, world.cast.officer)
    assert (condition.paper, condition.document) == (permit, "permit of the market")
    sign(world, row)
    with pytest.raises(documents.SignedOnIt):
        aside(world, permit)
    permit.refresh_from_db()
    assert permit.set_aside_date is None


def test_a_document_the_advisor_keeps_meets_nothing_by_itself(
    world: World, row: Application
) -> None:
    decide(world, row)
    keep(world, row, by=world.cast.advisor)
    assert [item.is_open for item in DecisionCondition.objects.order_by("number")] == [True, True]


def test_a_product_that_asks_for_nothing_leaves_no_trace(world: World) -> None:
    row = applied(world)
    decide(world, row)
    assert "documents_missing" not in row.appraisals.get().facts
    assert not DecisionCondition.objects.exists()


def aside(
    world: World, document: ApplicationDocument, reason: str = "It has run out", on: date = START
) -> ApplicationDocument:
    return documents.set_document_aside(
        acting_staff=world.cast.officer, document=document, set_aside_date=on, reason=reason
    )


def test_what_is_set_aside_after_the_decision_is_asked_for_again(
    world: World, row: Application
) -> None:
    lease = keep(world, row)
    decide(world, row)
    keep(world, row, PERMIT)
    assert not DecisionCondition.objects.filter(met_date=None).exists()
    aside(world, lease)
    aside(world, ApplicationDocument.objects.get(kind=PERMIT))
    open_texts = DecisionCondition.objects.filter(met_date=None).order_by("number")
    assert [item.text for item in open_texts] == [PERMIT, LEASE]
    with pytest.raises(ConditionOpen):
        sign(world, row)
    keep(world, row, seen_date=START)
    assert documents.missing_documents([row]) == {row.pk: (PERMIT,)}
    with pytest.raises(documents.DocumentSetAside):
        aside(world, lease)


def test_nothing_is_set_aside_without_a_reason_or_on_a_day_that_cannot_be(
    world: World, row: Application
) -> None:
    lease = keep(world, row)
    for reason, day, refusal in (
        (" ", START, ReasonNeeded),
        ("Wrong", SEEN - timedelta(days=1), BeforeItsStep),
        ("Wrong", timezone.localdate() + timedelta(days=1), FutureDate),
    ):
        with pytest.raises(refusal):
            aside(world, lease, reason, day)
    lease.refresh_from_db()
    assert (lease.set_aside_date, lease.set_aside_reason) == (None, "")


def test_a_document_keeps_its_file_sealed_and_the_same_one_counts_once(
    world: World, row: Application
) -> None:
    pk = new_id()
    told: dict[str, Any] = {"content": PNG, "file_name": "lease.png", "id": pk}
    kept = keep(world, row, **told)
    assert keep(world, row, **told) == kept
    with pytest.raises(SameIdOtherContent):
        keep(world, row, **{**told, "content": picture("black")})
    assert kept.file is not None
    assert (kept.file.content_type, kept.file.klass) == ("image/png", "P")
    assert PNG not in path_of(kept.file).read_bytes()
    assert ApplicationDocument.objects.count() == StoredFile.objects.count() == 1
    assert AuditLine.objects.filter(action="lending.keep_document").count() == 1


def test_a_document_without_a_name_of_a_day_to_come_or_of_no_known_kind_is_not_kept(
    world: World, row: Application
) -> None:
    wrong: tuple[tuple[dict[str, Any], type[Exception]], ...] = (
        ({"kind": "  "}, documents.DocumentUnnamed),
        ({"seen_date": timezone.localdate() + timedelta(days=1)}, FutureDate),
        ({"content": b"\xff\x00\x01"}, UnknownFileKind),
    )
    for changes, refusal in wrong:
        with pytest.raises(refusal):
            keep(world, row, **changes)
    assert not ApplicationDocument.objects.exists()
    assert not StoredFile.objects.exists()


def test_only_who_may_keeps_documents_and_none_of_a_declined_application(
    world: World, row: Application
) -> None:
    with pytest.raises(NotAllowed):
        keep(world, row, by=world.cast.cashier)
    with pytest.raises(OutOfSight):
        keep(world, row, by=world.cast.outsider)
    Application.objects.update(state=ApplicationState.DECLINED.value)
    with pytest.raises(documents.ApplicationDeclined):
        keep(world, row)
    assert not ApplicationDocument.objects.exists()


def test_the_page_takes_a_document_names_what_is_missing_and_sends_the_file_to_who_may(
    client: Client, world: World, row: Application
) -> None:
    cast = world.cast
    still_open(row)
    shown = at(client, cast.officer, "application_detail", row.pk).content.decode()
    assert f"Not seen yet: {LEASE}; {PERMIT}" in shown
    assert at(client, cast.officer, "document_new", row.pk).status_code == 200
    file = SimpleUploadedFile("lease.png", PNG)
    answer = do(
        client,
        cast.officer,
        "document_new",
        row.pk,
        kind=LEASE,
        seen_date=SEEN.isoformat(),
        number="L-7",
        file=file,
    )
    assert answer.status_code == 302
    kept = ApplicationDocument.objects.get()
    shown = at(client, cast.officer, "application_detail", row.pk).content.decode()
    assert f"Not seen yet: {PERMIT}" in shown
    assert reverse("org:file", args=[kept.file_id]) in shown
    sent = client.get(reverse("org:file", args=[kept.file_id]))
    assert b"".join(sent) == PNG
    read = ReadEntry.objects.order_by("-pk").first()
    assert read is not None
    assert str(world.person.pk) in str(read.persons)
    for other in (cast.cashier, cast.outsider):
        client.force_login(other)
        assert client.get(reverse("org:file", args=[kept.file_id])).status_code == 404
    nothing = do(client, cast.officer, "document_new", row.pk, seen_date=SEEN.isoformat())
    assert nothing.status_code != 302
    told = {"set_aside_date": START.isoformat(), "reason": "The wrong lease"}
    assert do(client, cast.officer, "document_set_aside", kept.pk, **told).status_code == 302
    shown = at(client, cast.officer, "application_detail", row.pk).content.decode()
    assert "The wrong lease" in shown


def test_the_api_keeps_lists_and_sets_aside(client: Client, world: World, row: Application) -> None:
    client.force_login(world.cast.officer)
    key = new_id()
    made = client.post(
        f"{ROOT}/applications/{row.pk}/documents",
        {"kind": LEASE, "seen_date": SEEN.isoformat(), "file": SimpleUploadedFile("a.png", PNG)},
        headers={"Idempotency-Key": str(key)},
    )
    assert made.status_code == 201, made.content
    assert made.json()["id"] == str(key)
    listed = get(client, world.cast.officer, f"/applications/{row.pk}/documents").json()
    assert listed["missing"] == [PERMIT]
    assert [item["kind"] for item in listed["items"]] == [LEASE]
    path = f"/documents/{key}/set-aside"
    told: dict[str, Any] = {"set_aside_date": START.isoformat(), "reason": "Run out"}
    assert post(client, world.cast.outsider, path, **told).status_code == 404
    assert post(client, world.cast.officer, path, **told).status_code == 201
    assert get(client, world.cast.cashier, f"/applications/{row.pk}/documents").status_code == 403


def test_what_she_showed_is_in_her_file_and_destroyed_with_it(
    world: World, row: Application, django_capture_on_commit_callbacks: Any
) -> None:
    kept = keep(world, row, content=PNG, file_name="lease of Participant 0001.png")
    assert kept.file is not None
    path = path_of(kept.file)
    told = persons.held(world.person.pk)["Documents of her applications"]
    assert [entry["File"] for entry in told] == ["lease of Participant 0001.png"]
    with django_capture_on_commit_callbacks(execute=True):
        persons.blank(world.person.pk)
    kept.refresh_from_db()
    assert (kept.kind, kept.number, kept.file_id, kept.seen_date) == ("", "", None, SEEN)
    assert not path.exists()
    assert not StoredFile.objects.exists()


def test_papers_of_a_loan_go_ten_years_after_it_is_over(world: World, row: Application) -> None:
    rule = retention.rules["LOAN_PAPERS"]
    assert (rule.days, rule.least) == (3650, 1825)
    paper = keep(world, row, content=PNG, file_name="lease.png")
    assert paper.file is not None
    lies = path_of(paper.file)
    keep(world, row, PERMIT)
    over = row.expires_date + timedelta(days=1)
    assert rule.due(row.expires_date) == 0, "it may still be decided"
    decide(world, row)
    loan = sign(world, row)
    assert rule.due(over) == 0, "the loan is agreed"
    settled = over + timedelta(days=400)
    Loan.objects.filter(pk=loan.pk).update(state="SETTLED", settled_date=settled)
    assert (rule.due(settled), rule.due(settled + timedelta(days=1))) == (0, 2)
    assert rule.carry_out(world.cast.officer, settled + timedelta(days=1), settled) == 2
    assert not StoredFile.objects.exists()
    assert lies.exists(), "until it is committed"
    paper.refresh_from_db()
    assert (paper.file_id, paper.number, paper.kind, paper.seen_date) == (None, "", LEASE, SEEN)
    assert rule.due(settled + timedelta(days=1)) == 0
