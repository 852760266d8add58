"""Documents of an application: what its product asks for, what was seen, what is still missing.

A missing document stops nobody from appraising or deciding. It is named in the appraisal, and an
approval makes of it a condition that has to be met before the agreement is signed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import BeforeItsStep, FutureDate
from handup.lending.models import Application, ApplicationDocument, DecisionCondition
from handup.lending.rules.codes import ApplicationState, ConditionStep
from handup.lending.rules.documents import asked_in, same, still_missing
from handup.lending.services.conditions import ConditionIn, lapsed
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import may, require
from handup.org.prepared import prepared
from handup.org.scanning import require_clean
from handup.org.services.files import kept_form, store_file, sum_of


class DocumentUnnamed(Refusal):
    """Say what the document is."""


class ApplicationDeclined(Refusal):
    """The application {code} is declined; no more documents are kept for it."""


class DocumentSetAside(Refusal):
    """This document is already set aside."""


class SignedOnIt(Refusal):
    """The agreement of {code} is signed on this document; it stays as it was seen."""


def keep_document(
    *,
    acting_staff: StaffUser,
    application: Application,
    kind: str,
    seen_date: date,
    number: str = "",
    content: bytes | None = None,
    file_name: str = "",
    id: UUID | None = None,
) -> ApplicationDocument:
    """Take down a document somebody saw for an application, with its file where there is one. A
    condition of the decision that asks for it is met by it, where who keeps it may say so.

    Raises NotAllowed, OutOfSight, DocumentUnnamed, FutureDate, ApplicationDeclined,
    SameIdOtherContent and what files are refused for.
    """
    require(acting_staff, "lending.keep_document", application)
    kind, number = " ".join(kind.split()), number.strip()
    told = {"application": application, "kind": kind, "seen_date": seen_date, "number": number}
    if (stored := already_stored(ApplicationDocument, id, acting_staff, **told)) is not None:
        return _with_file(stored, content)
    if not kind:
        raise DocumentUnnamed(field="kind")
    if seen_date > timezone.localdate():
        raise FutureDate(field="seen_date", date=seen_date)
    if content is not None:
        require_clean(content)
    with transaction.atomic():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if locked.state == ApplicationState.DECLINED:
            raise ApplicationDeclined(code=locked.code)
        row = ApplicationDocument(id=id or new_id(), seen_by=acting_staff, **told)
        if content is not None:
            row.file = store_file(
                acting_staff=acting_staff,
                owner=row,
                name=file_name or kind,
                content=content,
                klass=DataClass.P,
            )
        row.save(force_insert=True)
        met = _meet(row, acting_staff)
        told_by: dict[str, str | int | bool | None] = {"application": str(locked.pk), "met": met}
        audit.record(acting_staff, "lending.keep_document", row, told_by)
    return row


def _with_file(stored: ApplicationDocument, content: bytes | None) -> ApplicationDocument:
    """The same document, if its file is the same too."""
    held = None if stored.file is None else stored.file.sha256
    if held != (None if content is None else sum_of(kept_form(content), DataClass.P)):
        raise SameIdOtherContent(field="file")
    return stored


def set_document_aside(
    *,
    acting_staff: StaffUser,
    document: ApplicationDocument,
    set_aside_date: date,
    reason: str,
) -> ApplicationDocument:
    """Let a document count no more that was wrong or has run out. What it met is asked for again.

    Raises NotAllowed, OutOfSight, ReasonNeeded, FutureDate, BeforeItsStep, DocumentSetAside,
    SignedOnIt.
    """
    require(acting_staff, "lending.keep_document", document.application)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    if set_aside_date > timezone.localdate():
        raise FutureDate(field="set_aside_date", date=set_aside_date)
    with transaction.atomic():
        application = Application.objects.select_for_update(of=("self",)).get(
            pk=document.application_id
        )
        row = ApplicationDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if row.set_aside_date is not None:
            raise DocumentSetAside()
        if set_aside_date < row.seen_date:
            raise BeforeItsStep(field="set_aside_date", date=set_aside_date, before=row.seen_date)
        if application.state == ApplicationState.SIGNED:
            raise SignedOnIt(code=application.code)
        row.set_aside_date, row.set_aside_by = set_aside_date, acting_staff
        row.set_aside_reason = reason.strip()
        row.save(update_fields=("set_aside_date", "set_aside_by", "set_aside_reason"))
        _ask_again(application, row)
        facts = {"application": str(application.pk)}
        audit.record(acting_staff, "lending.set_document_aside", row, facts)
    return row


def missing_documents(rows: Sequence[Application]) -> dict[UUID, tuple[str, ...]]:
    """What the products of applications ask for and nobody has seen, by application; those whose
    product asks for nothing are left out.
    """
    asked = {
        row.pk: wanted for row in rows if (wanted := asked_in(row.product_version.eligibility))
    }
    if not asked:
        return {}
    seen: dict[UUID, list[str]] = {}
    for pk, kind in _seen(list(asked)):
        seen.setdefault(pk, []).append(kind)
    return {pk: still_missing(wanted, seen.get(pk, ())) for pk, wanted in asked.items()}


@prepared
def _seen(applications: list[UUID]) -> QuerySet[Any, Any]:
    rows = ApplicationDocument.objects.filter(
        application__in=applications, set_aside_date=None
    ).order_by()
    return rows.values_list("application_id", "kind")


def asked_before_signing(missing: Sequence[str], told: Sequence[ConditionIn]) -> list[ConditionIn]:
    """The conditions of an approval, with one for each missing document nobody named yet."""
    named = [item.text for item in told]
    more = [kind for kind in missing if not any(same(kind, text) for text in named)]
    return [*told, *(ConditionIn(kind, ConditionStep.SIGNING) for kind in more)]


def _open_conditions(application: UUID) -> QuerySet[DecisionCondition]:
    """The conditions that still hold up a step of an application, for whoever changes them."""
    rows = DecisionCondition.objects.select_for_update(of=("self",)).select_related("decision")
    return rows.filter(
        ~lapsed(), decision__application=application, met_date=None, lifted_date=None
    )


def _meet(row: ApplicationDocument, staff: StaffUser) -> int:
    """Check off what asks for this document; how many conditions that are."""
    if not may(staff, "lending.meet_condition", row.application):
        return 0
    asking = [item for item in _open_conditions(row.application_id) if same(item.text, row.kind)]
    for item in asking:
        item.met_date = max(row.seen_date, item.decision.decided_date)
        item.met_by, item.document, item.paper = staff, row.number or row.kind, row
        item.save(update_fields=("met_date", "met_by", "document", "paper"))
    return len(asking)


def _ask_again(application: Application, row: ApplicationDocument) -> None:
    """Open what this document met; of an approval, ask for it where its product does."""
    if application.state != ApplicationState.APPROVED:
        return
    row.met.update(met_date=None, met_by=None, document="", paper=None)
    missing = missing_documents([application]).get(application.pk, ())
    if not any(same(kind, row.kind) for kind in missing):
        return
    if any(same(item.text, row.kind) for item in _open_conditions(application.pk)):
        return
    decision = application.decisions.order_by("-recorded_at", "-pk").first()
    assert decision is not None
    last = decision.to_meet.aggregate(n=Max("number"))["n"] or 0
    DecisionCondition.objects.create(
        decision=decision,
        number=last + 1,
        text=row.kind,
        before=ConditionStep.SIGNING.value,
    )
