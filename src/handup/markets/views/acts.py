"""What the form pages of markets share: where they lead back to, and today."""

from datetime import date
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone

from handup.org.web.forms import FormPage


def today() -> date:
    """The day of today in the institution's time zone."""
    return timezone.localdate()


class NewPage(FormPage):
    """A form that makes a record; it leads to the record's page. The form asks where it belongs."""

    page: ClassVar[str]

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def success_url(self, result: Any) -> str:
        """The record's page."""
        return reverse(self.page, args=[result.pk])


class OnPage(FormPage):
    """A form about a record; it leads back to the page of what the record belongs to."""

    page: ClassVar[str]
    owner: ClassVar[str] = "pk"

    def success_url(self, result: Any) -> str:
        """The page it was opened from."""
        return reverse(self.page, args=[getattr(self.subject, self.owner)])
