"""Sends a stored file to whoever may see the record it belongs to: as an attachment, never shown in
place.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from handup.org import reads, services
from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import OutOfSight
from handup.org.scope import ScopePaths


@require_safe
def send_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send one file; out of sight when its record is, or when there is none."""
    row = StoredFile.objects.filter(pk=pk).first()
    assert isinstance(request.user, StaffUser)
    if row is None or not may_open(request.user, row):
        raise OutOfSight
    reads.note(
        request,
        persons=persons_of(row),
        action="VIEW",
        highest=row.klass,
        purpose=f"file {row.pk}",
    )
    answer = HttpResponse(services.read_file(row), content_type=row.content_type)
    disposition = content_disposition_header(as_attachment=True, filename=row.name)
    answer.headers["Content-Disposition"] = disposition or "attachment"
    return answer


def file_of(row: StoredFile) -> str:
    """The address where a file is sent to whoever may see its record."""
    return reverse("org:file", args=[row.pk])


def may_open(staff: StaffUser, row: StoredFile) -> bool:
    """Tell whether she may see the record the file belongs to, and it keeps no file from her."""
    try:
        model: Any = apps.get_model(row.object_type)
    except (LookupError, ValueError):
        return False
    rows = getattr(model._default_manager, "visible_to", None)
    if rows is None:
        return False
    reached = rows(staff).filter(pk=row.object_id)
    paths: ScopePaths | None = getattr(model, "SCOPE", None)
    if paths is not None and paths.sealed is not None:
        reached = reached.exclude(paths.sealed(staff))
    return bool(reached.exists())


def persons_of(row: StoredFile) -> list[UUID]:
    """Whom the record is about that a file belongs to, for the read log."""
    model: Any = apps.get_model(row.object_type)
    paths = getattr(model, "SCOPE", None)
    found: set[UUID] = set()
    for path in () if paths is None else paths.persons:
        rows = model._base_manager.filter(pk=row.object_id)
        found.update(pk for pk in rows.values_list(path, flat=True) if pk is not None)
    return sorted(found)
