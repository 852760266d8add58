"""The forms of projects: programme, phase, partner, printed figure, lesson and its application."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area
from handup.org.web.context import languages
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.projects.models import Document, DocumentType, Organisation, Phase, Programme
from handup.projects.models import labels as lb
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import PHASE_MOVES, LessonState, PhaseStatus
from handup.projects.services.knowledge import LESSON_MOVES


def one_of(labels: lb.Labels, label: Any, **options: Any) -> forms.ChoiceField:
    """One code of a closed list, as words."""
    return forms.ChoiceField(label=label, choices=lb.choices(labels), **options)


def rough(values: dict[str, Any], name: str) -> RoughDate | None:
    """Return a date with the precision chosen beside it."""
    day = values.get(name)
    return RoughDate(day, Precision(values[f"{name}_precision"])) if day else None


class ProgrammeForm(HouseForm):
    """A programme to open."""

    code = forms.CharField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("In one paragraph"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    objectives = forms.CharField(
        label=_("Objectives"),
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    sector = forms.CharField(label=_("Sector"), max_length=120, required=False)
    terms = forms.CharField(label=_("Terms of financing"), max_length=200, required=False)
    currency = forms.CharField(
        label=_("Currency"), max_length=3, help_text=_("Three letters, for example USD.")
    )
    default_language = forms.CharField(label=_("Language"), max_length=10, initial="en")
    questions = (
        Question(_("What is it?"), ("code", "title", "summary", "objectives")),
        Question(_("How is it run?"), ("sector", "terms", "currency", "default_language")),
    )


class PhaseForm(HouseForm):
    """A phase to open, with dates as exactly as they are known."""

    code = forms.CharField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Title"), max_length=200)
    status = one_of(lb.PHASE_STATUS, _("Status"), initial=PhaseStatus.PIPELINE.value)
    approval_date = DayField(label=_("Approved on"), required=False)
    start = DayField(label=_("Start"), required=False)
    start_precision = one_of(lb.PRECISION, _("Start known to the"))
    end = DayField(label=_("End"), required=False)
    end_precision = one_of(lb.PRECISION, _("End known to the"))
    remark = forms.CharField(label=_("Remark"), max_length=1_000, required=False)
    questions = (
        Question(_("What is it?"), ("code", "title", "status", "remark")),
        Question(
            _("When?"),
            ("approval_date", "start", "start_precision", "end", "end_precision"),
        ),
    )


class PhaseStatusForm(HouseForm):
    """The next status of a phase."""

    status = forms.ChoiceField(label=_("Status"))

    def __init__(self, *args: Any, phase: Phase, **options: Any) -> None:
        """Offer only the next steps."""
        super().__init__(*args, **options)
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        onward = PHASE_MOVES[PhaseStatus(phase.status)]
        field.choices = [pair for pair in lb.choices(lb.PHASE_STATUS) if pair[0] in onward]


class OfProgramme(HouseForm):
    """A form whose phase belongs to the programme it is about."""

    def __init__(self, *args: Any, programme: Programme, **options: Any) -> None:
        """Offer the phases, documents and organisations that can be meant."""
        super().__init__(*args, **options)
        sources: dict[str, Any] = {
            "phase": programme.phases.all(),
            "target_phase": Phase.objects.all(),
            "organisation": Organisation.objects.filter(active=True),
            "document": programme.documents.all(),
            "evidence": programme.documents.all(),
            "type": DocumentType.objects.all(),
        }
        for name, rows in sources.items():
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows


def phase_field(label: Any = _("Phase"), **options: Any) -> Any:
    """A phase of the programme, or the programme as a whole."""
    return forms.ModelChoiceField(
        Phase.objects.none(),
        label=label,
        required=False,
        empty_label=_("the whole programme"),
        **options,
    )


class PartnerForm(OfProgramme):
    """A partner with its role."""

    organisation: Any = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"))
    role = one_of(lb.PARTNER_ROLE, _("Role"))
    phase = phase_field()
    from_date = DayField(label=_("From"), required=False)
    to_date = DayField(label=_("Until"), required=False)
    remark = forms.CharField(label=_("Remark"), max_length=1_000, required=False)


class OrganisationForm(HouseForm):
    """An institution with what it is."""

    name = forms.CharField(label=_("Name"), max_length=200)
    short_name = forms.CharField(label=_("Short name"), max_length=60, required=False)
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Short, and never changed: UNDP, ACBA.")
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is"), choices=lb.choices(lb.ORG_KIND), widget=forms.CheckboxSelectMultiple
    )
    country_code = forms.CharField(
        label=_("Country code"), max_length=2, required=False, help_text=_("Two letters.")
    )
    area: Any = forms.ModelChoiceField(Area.objects.none(), label=_("Area"), required=False)
    registration_no = forms.CharField(label=_("Registration number"), max_length=60, required=False)
    questions = (
        Question(_("Which institution is it?"), ("name", "short_name", "code", "kinds")),
        Question(_("Where is it registered?"), ("country_code", "area", "registration_no")),
    )

    def __init__(self, *args: Any, areas: Any, **options: Any) -> None:
        """Offer the areas in force."""
        super().__init__(*args, **options)
        _offer(self, "area", areas)

    def clean_country_code(self) -> str:
        """Take the code in capitals."""
        return str(self.cleaned_data["country_code"]).upper()


def _offer(form: HouseForm, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class AreaLinkForm(OfProgramme):
    """An area a programme works in."""

    area: Any = forms.ModelChoiceField(Area.objects.none(), label=_("Area"))
    reach = one_of(lb.REACH, _("What happens there"))
    phase = phase_field()
    from_date = DayField(label=_("From"), required=False)
    to_date = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, areas: Any, **options: Any) -> None:
        """Offer the areas in force."""
        super().__init__(*args, **options)
        _offer(self, "area", areas)


class FundingForm(OfProgramme):
    """Who pays, and on which terms."""

    organisation: Any = forms.ModelChoiceField(Organisation.objects.none(), label=_("Funder"))
    kind = one_of(lb.FUNDING_KIND, _("Kind"))
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    amount_units = MoneyField(label=_("Amount"), least_units=0, required=False)
    phase = phase_field()
    terms = forms.CharField(label=_("Terms"), max_length=200, required=False)
    signed_date = DayField(label=_("Signed"), required=False)
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    conditions = forms.CharField(
        label=_("Conditions"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    questions = (
        Question(
            _("Who pays, and how much?"), ("organisation", "kind", "currency", "amount_units")
        ),
        Question(
            _("What was agreed?"), ("phase", "terms", "signed_date", "reference", "conditions")
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Read the amount in the currency written beside it."""
        super().__init__(*args, **options)
        field = self.fields["amount_units"]
        assert isinstance(field, MoneyField)
        field.currency = str(self["currency"].value() or "").strip().upper()

    def clean_currency(self) -> str:
        """Take the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()


class StatedFigureForm(OfProgramme):
    """A figure as a source prints it."""

    subject = forms.CharField(label=_("What is it about?"), max_length=300)
    printed = forms.CharField(
        label=_("As printed"), max_length=500, help_text=_("Word for word, with its sign.")
    )
    number = forms.DecimalField(
        label=_("The number in it"), required=False, max_digits=15, decimal_places=3
    )
    bound = one_of(lb.BOUND, _("What it claims"))
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    step = forms.DecimalField(
        label=_("Printed to"),
        required=False,
        max_digits=15,
        decimal_places=3,
        help_text=_("100 for “3 216 500 in hundreds”."),
    )
    reference = forms.CharField(label=_("Reference"), max_length=40, required=False)
    as_of = DayField(label=_("As of"), required=False)
    as_of_precision = one_of(lb.PRECISION, _("Known to the"))
    phase = phase_field()
    source = forms.CharField(label=_("Where is it printed?"), max_length=300)
    document: Any = forms.ModelChoiceField(
        Document.objects.none(), label=_("Document"), required=False
    )
    page = forms.CharField(label=_("Page"), max_length=40, required=False)
    remark = forms.CharField(label=_("Remark"), max_length=1_000, required=False)
    questions = (
        Question(_("What is printed?"), ("subject", "printed", "number", "bound", "unit", "step")),
        Question(
            _("Where, and as of when?"), ("source", "document", "page", "as_of", "as_of_precision")
        ),
        Question(_("What does it belong to?"), ("phase", "reference", "remark")),
    )


class SeveralForm(HouseForm):
    """Whether several documents of a kind are current side by side."""

    several = forms.BooleanField(
        label=_("Several may be current side by side"),
        help_text=_("As studies of different questions, or agreements with different partners."),
        required=False,
    )


class DocumentTypeForm(SeveralForm):
    """A kind of document: its code, and its name in each language that has one."""

    code = forms.CharField(
        label=_("Code"), max_length=60, help_text=_("Short, and never changed: EVALUATION.")
    )
    field_order = ("code", "several")

    def __init__(self, *args: Any, **options: Any) -> None:
        """One name a language; the English one is always asked for."""
        super().__init__(*args, **options)
        for code, name in languages():
            if code in dict(settings.LANGUAGES):
                self.fields[f"name_{code}"] = field = forms.CharField(
                    label=_("Name (%(language)s)") % {"language": name},
                    max_length=120,
                    required=code == "en",
                )
                dress(field)


class RelationForm(OfProgramme):
    """What a programme is to another one, known here or only by its title."""

    relation = one_of(lb.RELATION, _("This programme"))
    other: Any = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("Programme"),
        required=False,
        empty_label=_("one that is not kept here"),
    )
    other_title = forms.CharField(
        label=_("Its title, where it is not kept here"), max_length=200, required=False
    )
    remark = forms.CharField(label=_("Remark"), max_length=1_000, required=False)

    def __init__(self, *args: Any, others: Any, **options: Any) -> None:
        """Offer the other programmes the reader may see."""
        super().__init__(*args, **options)
        _offer(self, "other", others)


class DocumentForm(OfProgramme):
    """A document of the library, with its file when there is one."""

    type: Any = forms.ModelChoiceField(DocumentType.objects.none(), label=_("Kind"))
    title = forms.CharField(label=_("Title"), max_length=300)
    language = forms.CharField(label=_("Language"), max_length=10, initial="en")
    date = DayField(label=_("Date"), required=False)
    date_precision = one_of(lb.PRECISION, _("Date known to the"))
    phase = phase_field()
    access = one_of(lb.ACCESS, _("Who may read it"), initial=lb.Access.INTERNAL.value)
    file = forms.FileField(label=_("File"), required=False)
    remark = forms.CharField(label=_("Remark"), max_length=1_000, required=False)


class LessonForm(OfProgramme):
    """A lesson with the page that shows it."""

    statement = forms.CharField(
        label=_("What was learned?"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    topic = forms.CharField(label=_("Topic"), max_length=80, required=False)
    phase = phase_field()
    evidence: Any = forms.ModelChoiceField(
        Document.objects.none(),
        label=_("Document that shows it"),
        required=False,
        help_text=_("Without it the lesson stays proposed."),
    )
    evidence_page = forms.CharField(label=_("Page"), max_length=40, required=False)
    confidence = one_of(lb.CONFIDENCE, _("Confidence"), initial="MEDIUM")
    review_date = DayField(label=_("Review on"), required=False)


class LessonDecisionForm(HouseForm):
    """Accept a lesson, leave it unapplied, or close its review."""

    state = forms.ChoiceField(label=_("Decision"))
    reason = forms.CharField(label=_("Reason"), max_length=1_000, required=False)

    def __init__(self, *args: Any, state: str, **options: Any) -> None:
        """Offer only the next steps."""
        super().__init__(*args, **options)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        onward = LESSON_MOVES[LessonState(state)]
        field.choices = [pair for pair in lb.choices(lb.LESSON_STATE) if pair[0] in onward]


class ApplyLessonForm(OfProgramme):
    """Where a lesson was applied."""

    target_kind = one_of(lb.TARGET_KIND, _("Applied to"))
    target = forms.CharField(label=_("Name"), max_length=200)
    target_phase: Any = forms.ModelChoiceField(
        Phase.objects.none(), label=_("Phase"), required=False
    )
    what_changed = forms.CharField(
        label=_("What changed?"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    applied_date = DayField(label=_("Day"))
    decided_by = forms.CharField(label=_("Decided by"), max_length=200)
    result_seen = forms.CharField(label=_("Result seen"), max_length=1_000, required=False)
