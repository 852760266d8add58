"""Pages on which an association writes down who votes for a firm that is its member."""

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Member, Representative
from handup.groups.services import firms as services
from handup.groups.views.dues import DayForm
from handup.groups.views.ruling import OfGroup, offer
from handup.org.web.forms import DayField, FormPage, HouseForm


class RepresentativeForm(HouseForm):
    """Which firm of which member, and who votes for it."""

    member = forms.ModelChoiceField(
        label=_("Which member is the firm?"), queryset=Member.objects.none()
    )
    firm = forms.CharField(label=_("Name of the firm"), max_length=services.MOST_SIGNS)
    name = forms.CharField(label=_("Who votes for it?"), max_length=services.MOST_SIGNS)
    from_date = DayField(label=_("From"))

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the members of today."""
        super().__init__(*args, **options)
        offer(self, "member", members)


class NameRepresentative(OfGroup):
    """Write down who votes for a firm; who did so before ends that day."""

    form_class = RepresentativeForm
    permission = services.NAME
    title = _("Name who votes for a firm")
    intro = _("A firm has one vote. One person gives it, until the firm names somebody else.")
    verb = _("Write down")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Her members."""
        return {"members": self.members()}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"from_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        return services.name_representative(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """The page of the dues, where the firms stand."""
        return reverse("groups:dues", args=[self.subject.pk])


class EndRepresentative(FormPage):
    """End that somebody votes for a firm; it has no vote until it names another."""

    form_class = DayForm
    permission = services.NAME
    subject_model: ClassVar[Any] = Representative
    subject: Any
    person_path = "member__person_id"
    title = _("Nobody votes for the firm any more")
    intro = _("The firm has no vote until it names somebody else.")
    verb = _("Write down")

    def lead(self) -> str:
        """Which firm, and who is meant."""
        return f"{self.subject.firm}: {self.subject.name}. {self.intro}"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.end_representative(
            acting_staff=self.staff, member=self.subject.member, ends=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """The page of the dues, where the firms stand."""
        return reverse("groups:dues", args=[self.subject.member.group_id])
