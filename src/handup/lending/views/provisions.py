"""The shares a lender sets aside for losses, stated as a small table from a day on."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.models import Lender, ProvisionTable
from handup.lending.rules.provisioning import Bucket
from handup.lending.services.provisioning import table_of
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.money import format_share

LINE = re.compile(
    r"^\s*(\d{1,5})\s*(?:[-\u2013]\s*(\d{1,5})|(\+))?\s*:\s*(\d{1,3}(?:[.,]\d{1,2})?)\s*%?\s*$"
)


class BucketsField(forms.CharField):
    """Lines such as "1-30: 10": days late, then the share in per cent; the last line is open."""

    widget = forms.Textarea(attrs={"rows": "8"})
    default_error_messages = {
        "line": _(
            "Line %(number)s cannot be read. Write it as 1-30: 10, the last one as 181+: 100."
        ),
    }

    def clean(self, value: Any) -> Any:
        """The buckets."""
        text = super().clean(value)
        found = []
        for number, line in enumerate(str(text).splitlines(), 1):
            if not line.strip():
                continue
            match = LINE.match(line)
            if match is None:
                raise forms.ValidationError(
                    self.error_messages["line"], code="line", params={"number": number}
                )
            first, last, still_open, share = match.groups()
            bps = int(Decimal(share.replace(",", ".")) * 100)
            to_days = None if still_open else int(last or first)
            found.append(Bucket(int(first), to_days, bps))
        return found


def written(buckets: tuple[Bucket, ...]) -> str:
    """Buckets as they are typed."""
    lines = []
    for bucket in buckets:
        if bucket.to_days is None:
            days = f"{bucket.from_days}+"
        elif bucket.to_days == bucket.from_days:
            days = str(bucket.from_days)
        else:
            days = f"{bucket.from_days}-{bucket.to_days}"
        lines.append(f"{days}: {Decimal(bucket.rate_bps) / 100:g}")
    return "\n".join(lines)


def bucket_rows(lender: Lender) -> list[tuple[str, str]]:
    """The table that counts today: days late, share."""
    return [
        (
            f"{bucket.from_days}+"
            if bucket.to_days is None
            else f"{bucket.from_days}\u2013{bucket.to_days}",
            format_share(bucket.rate_bps, 10_000),
        )
        for bucket in table_of(lender, timezone.localdate())
    ]


class ProvisionForm(HouseForm):
    """From which day, and the shares."""

    effective_date = DayField(label=_("Counts from"))
    buckets = BucketsField(
        label=_("Share of outstanding principal by days late, in per cent"),
        help_text=_("One line each: 0: 1, then 1-30: 10, the last one 181+: 100."),
    )


class SetProvisionTable(FormPage):
    """State the shares a lender sets aside."""

    form_class = ProvisionForm
    permission = "lending.set_provision_table"
    subject_model = Lender
    title = _("Shares set aside for losses")
    intro = _("Older tables stay; a restructured loan counts one line worse.")
    verb = _("State the table")
    subject: Lender

    def initial(self) -> dict[str, Any]:
        """Today, and the table that counts now."""
        today = timezone.localdate()
        return {"effective_date": today, "buckets": written(table_of(self.subject, today))}

    def perform(self, values: dict[str, Any]) -> ProvisionTable:
        """State it."""
        return services.set_provision_table(
            acting_staff=self.staff, lender=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: ProvisionTable) -> str:
        """The lender's page."""
        return reverse("lending:lender_detail", args=[result.lender_id])

    def done_message(self, result: ProvisionTable) -> str:
        """What was done."""
        return str(_("The table is stated."))
