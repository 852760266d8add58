"""The forms of linkages, policy issues and help to associations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.markets.forms.contracts import line, organisation
from handup.markets.forms.fields import Placed, count, offer, one_of, text
from handup.markets.models import Linkage, PolicyIssue
from handup.markets.models import labels as lb
from handup.org.web.forms import DayField, HouseForm
from handup.people.forms.fields import area_field, office_field, programme_field
from handup.projects.models import Document, Organisation


def document(label: Any = _("Document"), **options: Any) -> Any:
    """A document of the library, or none."""
    return forms.ModelChoiceField(Document.objects.none(), label=label, required=False, **options)


class Bodies(Placed):
    """A form that names organisations of the register."""

    named: tuple[str, ...] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the organisations."""
        super().__init__(*args, **options)
        for name in self.named:
            offer(self, name, Organisation.objects.filter(active=True))


class LinkageForm(Bodies):
    """What a public and a private body agreed."""

    named = ("public_party", "private_party")
    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    title = forms.CharField(label=_("Title"), max_length=200)
    public_party = organisation(_("Public side"))
    private_party = organisation(_("Private side"))
    started_date = DayField(label=_("Agreed on"))


class CommitmentForm(HouseForm):
    """What one side promised."""

    party = organisation(_("Which side"))
    what = forms.CharField(label=_("What was promised"), max_length=300)
    due_date = DayField(label=_("By"))

    def __init__(self, *args: Any, linkage: Linkage, **options: Any) -> None:
        """Offer the two sides."""
        super().__init__(*args, **options)
        sides = (linkage.public_party_id, linkage.private_party_id)
        offer(self, "party", Organisation.objects.filter(pk__in=sides))


class KeptForm(HouseForm):
    """A promise that was kept."""

    done_date = DayField(label=_("Done on"))
    result = forms.CharField(label=_("What came of it"), max_length=300)


class IssueForm(Bodies):
    """A policy issue to open."""

    named = ("association",)
    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    title = forms.CharField(label=_("The issue"), max_length=200)
    ask = text(_("What is asked"), required=True)
    target = forms.CharField(label=_("Of whom"), max_length=200)
    association = organisation(_("Association whose issue it is"), required=False)


class EventForm(HouseForm):
    """What happened to an issue."""

    event_date = DayField(label=_("Day"))
    note = forms.CharField(label=_("What happened"), max_length=300)
    after = forms.ChoiceField(label=_("It moves to"), required=False)
    document = document()
    official = forms.BooleanField(label=_("The document is of an official source"), required=False)

    def __init__(self, *args: Any, issue: PolicyIssue, **options: Any) -> None:
        """Offer the stage before and the stage after."""
        super().__init__(*args, **options)
        field = self.fields["after"]
        assert isinstance(field, forms.ChoiceField)
        near = {issue.stage - 1, issue.stage + 1}
        field.choices = [
            ("", _("it stays where it is")),
            *((str(int(stage)), word) for stage, word in lb.POLICY_STAGE.items() if stage in near),
        ]
        offer(self, "document", issue.programme.documents.all())


class ClaimForm(HouseForm):
    """Which part the programme had, and why that can be said."""

    claim = one_of(lb.CLAIM, _("Part the programme had"), initial=lb.Claim.NONE.value)
    argument = text(_("Why that can be said"))


class RestForm(HouseForm):
    """Whether an issue is worked on."""

    state = one_of(lb.ISSUE_STATE, _("State"), initial=lb.IssueState.ACTIVE.value)


class SupportForm(Bodies):
    """Help to an association."""

    named = ("association",)
    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    association = organisation(_("Association"))
    kind = one_of(lb.SUPPORT_KIND, _("Kind of help"))
    support_date = DayField(label=_("Day"))
    what = forms.CharField(label=_("What was done"), max_length=300)
    people = count(_("People there"))
    women = count(_("Women among them"))
    result = line(_("What came of it"))
