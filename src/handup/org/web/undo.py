"""The page behind "Undo": takes back what its reader has just written, by pressing once more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import undoing
from handup.org.models import AuditLine
from handup.org.web.account import NothingToAsk
from handup.org.web.forms import FormPage


class Undo(FormPage):
    """Take back what I have just written."""

    form_class = NothingToAsk
    permission = ""  # asked of the reversal by its own service
    subject_model = AuditLine
    title = _("Undo")
    intro = _("What you have just recorded is taken back. Both stay visible in the records.")
    verb = _("Undo")

    def find_subject(self, pk: UUID) -> AuditLine | None:
        """A line of her own whose act can be taken back by her."""
        line = AuditLine._base_manager.filter(pk=pk, staff=self.staff).first()
        return line if line is not None and line.action in undoing.ways else None

    def subject_name(self) -> str:
        """The trail's own words are not for readers."""
        return ""

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        assert self.subject is not None
        return undoing.undo(acting_staff=self.staff, line=self.subject)

    def success_url(self, result: Any) -> str:
        """What it was about; where she begins when there was nothing to undo."""
        if result is None or self.subject is None:
            return "/"
        return undoing.page_of(self.subject)

    def done_message(self, result: Any) -> str:
        """It is undone, or was already."""
        return _now("It is undone.") if result is not None else _now("There is nothing to undo.")
