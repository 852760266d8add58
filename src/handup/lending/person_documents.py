"""What is told to a person, and destroyed when she asks for it, of the documents she showed."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from handup.lending.models import Application, ApplicationDocument
from handup.org.services.files import destroy_file
from handup.org.web.money import format_day


def held_documents(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What she showed for her applications."""
    rows = ApplicationDocument._base_manager.filter(application__person_id=person_id)
    return {
        _("Documents of her applications"): [
            {
                _("Application"): row.application.code,
                _("Document"): row.kind,
                _("Number"): row.number,
                _("Seen on"): format_day(row.seen_date),
                _("File"): "" if row.file is None else row.file.name,
                _("Why set aside"): row.set_aside_reason,
            }
            for row in rows.select_related("application", "file")
        ]
    }


def blank_documents(row: Application) -> None:
    """Destroy the files of an application's documents and what was written beside them."""
    files = [item.file for item in row.documents.select_related("file") if item.file is not None]
    row.documents.update(kind="", number="", set_aside_reason="", file=None)
    for file in files:
        destroy_file(file)
