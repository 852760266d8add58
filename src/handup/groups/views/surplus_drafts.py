"""The surplus of a year on its way: drawn up, voted by the assembly, posted, or dropped."""

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import SurplusDraft
from handup.groups.services import surplus as services
from handup.groups.views.dues import VoteForm, in_money, votes_of
from handup.groups.views.surplus import OfSurplus
from handup.org.web.forms import FormPage, HouseForm, MoneyField
from handup.org.web.money import format_money


class DraftForm(HouseForm):
    """Which year, and what of it came from others."""

    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    non_members = MoneyField(
        label=_("Of what is left for refunds, from others than members"),
        least_units=0,
        required=False,
        help_text=_(
            "It gathers by name for those who delivered and are no members, until they may join."
            " Without such, it goes to the reserve."
        ),
    )

    def __init__(self, *args: Any, currency: str, lines: list[str], **options: Any) -> None:
        """Where members used several lines, one field a line."""
        super().__init__(*args, **options)
        in_money(self, currency, "non_members")
        for place, line in enumerate(lines if len(lines) > 1 else ()):
            self.fields[f"line_{place}"] = MoneyField(
                label=_("Surplus from %(line)s") % {"line": line},
                currency=currency,
                least_units=0,
                required=False,
            )


class DrawUpSurplus(OfSurplus):
    """Draw up how the surplus of a year divides, for the assembly."""

    form_class = DraftForm
    title = _("Draw up the surplus")
    verb = _("Draw it up")
    intro = _(
        "By the statutes in force at the end of the year. Nothing is posted before the assembly"
        " has voted on it."
    )
    reads_back = True

    def _lines(self) -> list[str]:
        """The lines of service used in the year that is drawn up."""
        told = self.request.POST.get("year", "")
        is_year = told.isascii() and told.isdigit() and len(told) == 4
        year = int(told) if is_year else timezone.localdate().year - 1
        rows = self.subject.uses.filter(year=year, quantity__gt=0)
        return sorted(set(rows.values_list("line", flat=True)))

    def form_options(self) -> dict[str, Any]:
        """The group's currency and its lines of service."""
        return {"currency": self.subject.currency, "lines": self._lines()}

    def initial(self) -> dict[str, Any]:
        """The year that ended last."""
        return {"year": timezone.localdate().year - 1}

    def perform(self, values: dict[str, Any]) -> Any:
        """Draw it up."""
        told = {line: values.get(f"line_{place}") or 0 for place, line in enumerate(self._lines())}
        return services.draw_up_surplus(
            acting_staff=self.staff,
            group=self.subject,
            year=values["year"],
            non_members=values["non_members"] or 0,
            by_line=told if any(told.values()) else None,
            id=self.new_id,
        )


class OfDraft(FormPage):
    """A form about the draft of a year; it goes back to the page of the surplus."""

    subject_model: ClassVar[Any] = SurplusDraft
    subject: Any
    permission = "groups.divide_surplus"

    def lead(self) -> Any:
        """What the draft says."""
        draft = self.subject
        parts = {
            "net": draft.net_units,
            "reserve": draft.reserve_units,
            "others": draft.non_member_units,
            "education": draft.education_units,
            "dividend": draft.dividend_units,
            "refund": draft.refund_units,
        }
        money = {name: format_money(units, draft.group.currency) for name, units in parts.items()}
        told = _now(
            "Surplus of %(year)s: %(net)s. Reserve %(reserve)s, education %(education)s, dividend"
            " %(dividend)s, refund %(refund)s, from others %(others)s."
        )
        return told % {"year": draft.year, **money}

    def success_url(self, result: Any) -> str:
        """The page of the surplus."""
        return reverse("groups:surplus", args=[self.subject.group_id])


class VoteSurplus(OfDraft):
    """Record the vote of the assembly on a draft."""

    form_class = VoteForm
    title = _("Record the vote of the assembly")
    verb = _("Record the vote")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        return services.vote_surplus(
            acting_staff=self.staff, draft=self.subject, votes=votes_of(values)
        )


class PostSurplus(OfDraft):
    """Post a voted surplus."""

    form_class = HouseForm
    title = _("Post the surplus")
    verb = _("Post it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Post it."""
        return services.post_surplus(acting_staff=self.staff, draft=self.subject, id=self.new_id)


class DropDraft(OfDraft):
    """Drop a draft that is not posted."""

    form_class = HouseForm
    title = _("Drop the draft")
    verb = _("Drop it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Drop it."""
        return services.drop_surplus_draft(acting_staff=self.staff, draft=self.subject)
