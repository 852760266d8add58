"""The registration desk's forms: the person, later corrections, names, documents, statuses,
consents."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.forms.fields import (
    PlaceFields,
    area_field,
    office_field,
    one_of,
    programme_field,
    some_of,
)
from handup.people.models import ConsentNotice, Person
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.rules.categories import OLDEST, birth_from_age
from handup.people.services import (
    ConsentIn,
    NameIn,
    PaperIn,
    PersonIn,
    StatusIn,
    VulnerabilityIn,
)
from handup.people.services.registration import facts_refused
from handup.projects.models import Organisation


class BirthFields(forms.Form):
    """A birth date, or only the year, or only an age; nothing when it is not known."""

    birth_date = DayField(label=_("Birth date"), required=False)
    birth_year = forms.IntegerField(
        label=_("or only the year"), required=False, min_value=1900, max_value=2100
    )
    age = forms.IntegerField(
        label=_("or only the age"), required=False, min_value=0, max_value=OLDEST
    )

    def birth(self, on: date) -> tuple[date | None, c.BirthPrecision]:
        """Return the birth date with its precision, as far as it was told."""
        told = self.cleaned_data
        if told.get("birth_date"):
            return told["birth_date"], c.BirthPrecision.DAY
        if told.get("birth_year"):
            return date(told["birth_year"], 1, 1), c.BirthPrecision.YEAR
        if told.get("age") is not None:
            return birth_from_age(told["age"], on), c.BirthPrecision.AGE
        return None, c.BirthPrecision.UNKNOWN


class PersonForm(HouseForm, BirthFields, PlaceFields):
    """One clear form: what she agrees to, who she is, where she lives, what she tells of
    herself."""

    purposes = some_of(
        lb.CONSENT_PURPOSE,
        _("She agrees to"),
        help_text=_("Read the text above to her first. What is not ticked is refused."),
    )
    method = one_of(lb.CONSENT_METHOD, _("How she agreed"), required=False)
    first_name = forms.CharField(label=_("First name"), max_length=120)
    last_name = forms.CharField(
        label=_("Family name"), max_length=120, required=False, help_text=_("One word is enough.")
    )
    other_first = forms.CharField(
        label=_("First name in other letters"), max_length=120, required=False
    )
    other_last = forms.CharField(
        label=_("Family name in other letters"), max_length=120, required=False
    )
    father_name = forms.CharField(label=_("Father's name"), max_length=120, required=False)
    sex = one_of(lb.SEX, _("Sex"), initial=c.Sex.NOT_ASKED.value)
    programme = programme_field()
    area = area_field()
    office = office_field()
    address = forms.CharField(label=_("Exact place"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        help_text=_("With the country code, for example +250788123456."),
    )
    language = forms.CharField(label=_("Language she speaks"), max_length=10, required=False)
    statuses = some_of(lb.LEGAL_STATUS, _("Legal status"))
    vulnerabilities = some_of(lb.VULNERABILITY, _("What she tells of her life"))
    paper_kind = one_of(lb.PAPER_KIND, _("Document she shows"), required=False)
    paper_number = forms.CharField(label=_("Number"), max_length=60, required=False)
    registered_date = DayField(label=_("Day of registration"))

    questions = (
        Question(_("What does she agree to?"), ("purposes", "method")),
        Question(
            _("Who is she?"),
            ("first_name", "last_name", "other_first", "other_last", "father_name", "sex"),
        ),
        Question(
            _("When was she born?"),
            ("birth_date", "birth_year", "age"),
            _("Leave all three empty when it is not known."),
        ),
        Question(
            _("Where does she live, how is she reached?"),
            ("programme", "area", "address", "phone", "language", "office"),
        ),
        Question(_("What does she tell?"), ("statuses", "vulnerabilities")),
        Question(_("Does she show a document?"), ("paper_kind", "paper_number")),
        Question(_("When?"), ("registered_date",)),
    )

    def __init__(
        self, *args: Any, staff: StaffUser, notice: ConsentNotice | None, **options: Any
    ) -> None:
        """Offer the purposes of the notice that is read, and the places the reader may name."""
        super().__init__(*args, **options)
        self.notice = notice
        self.fill_places(staff)
        held = set(notice.purposes) if notice else set()
        field = self.fields["purposes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [pair for pair in lb.choices(lb.CONSENT_PURPOSE) if pair[0] in held]

    def clean(self) -> dict[str, Any]:
        """Ask how she agreed when she did, and for both parts of a document; tell what is wrong
        with a fact beside what is missing, so that nobody sends the form twice.
        """
        told: dict[str, Any] = super().clean() or {}
        on = told.get("registered_date") or timezone.localdate()
        birth, precision = self.birth(on)
        for refusal in facts_refused(
            on=on, birth_date=birth, precision=precision, phone=told.get("phone", "")
        ):
            self.refuse(refusal)
        if told.get("purposes") and not told.get("method"):
            self.add_error("method", ValidationError(_("Choose how she agreed.")))
        if bool(told.get("paper_kind")) != bool(told.get("paper_number")):
            self.add_error(
                "paper_number", ValidationError(_("Give both the document and its number."))
            )
        return told

    def person_in(self, new_id: Any) -> PersonIn:
        """Return what was told, for the service."""
        told = self.cleaned_data
        on = told["registered_date"]
        birth, precision = self.birth(on)
        names = [NameIn(told["first_name"], told["last_name"])]
        if told["other_first"] or told["other_last"]:
            names.append(
                NameIn(
                    told["other_first"] or told["first_name"],
                    told["other_last"],
                    c.NameKind.ROMANISED,
                )
            )
        papers = (
            (PaperIn(c.PaperKind(told["paper_kind"]), told["paper_number"]),)
            if told["paper_kind"]
            else ()
        )
        return PersonIn(
            id=new_id,
            names=tuple(names),
            registered_date=on,
            sex=c.Sex(told["sex"]),
            birth_date=birth,
            birth_precision=precision,
            father_name=told["father_name"],
            phone=told["phone"],
            address=told["address"],
            languages=tuple(filter(None, [told["language"]])),
            area=told["area"],
            office=told["office"],
            programme=told["programme"],
            papers=papers,
            statuses=tuple(StatusIn(c.LegalStatusKind(s), on) for s in told["statuses"]),
            vulnerabilities=tuple(
                VulnerabilityIn(c.VulnerabilityKind(v), on) for v in told["vulnerabilities"]
            ),
            consents=self._consents(on),
        )

    def _consents(self, on: date) -> tuple[ConsentIn, ...]:
        if self.notice is None:
            return ()
        return tuple(
            ConsentIn(
                purpose=c.ConsentPurpose(purpose),
                notice=self.notice,
                method=c.ConsentMethod(self.cleaned_data["method"]),
                given_date=on,
            )
            for purpose in self.cleaned_data["purposes"]
        )


class CorrectionForm(HouseForm, BirthFields, PlaceFields):
    """Correct what was written; the history keeps what it was."""

    sex = one_of(lb.SEX, _("Sex"), initial=c.Sex.NOT_ASKED.value)
    father_name = forms.CharField(label=_("Father's name"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("New telephone"),
        max_length=40,
        required=False,
        help_text=_("Leave it empty to keep the present one."),
    )
    area = area_field()
    on = DayField(label=_("Day of the correction"))
    questions = (
        Question(_("Who is she?"), ("sex", "father_name")),
        Question(_("When was she born?"), ("birth_date", "birth_year", "age")),
        Question(_("Where does she live, how is she reached?"), ("area", "phone")),
        Question(_("When?"), ("on",)),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer the settlements the reader may name."""
        super().__init__(*args, **options)
        self.fill_places(staff)


class NameForm(HouseForm):
    """Another name of a known person."""

    kind = one_of(lb.NAME_KIND, _("Which name is it?"))
    first_name = forms.CharField(label=_("First name"), max_length=120)
    last_name = forms.CharField(label=_("Family name"), max_length=120, required=False)


class PaperForm(HouseForm):
    """A document she shows."""

    kind = one_of(lb.PAPER_KIND, _("Document"))
    number = forms.CharField(label=_("Number"), max_length=60)
    issuer = forms.CharField(label=_("Issued by"), max_length=120, required=False)
    issue_date = DayField(label=_("Issued on"), required=False)
    valid_to = DayField(label=_("Valid until"), required=False)
    seen_date = DayField(label=_("Seen on"))


class StatusForm(HouseForm):
    """A legal status with its first day and its source."""

    status = one_of(lb.LEGAL_STATUS, _("Status"))
    from_date = DayField(label=_("Since"))
    to_date = DayField(label=_("Until"), required=False)
    source = one_of(lb.STATUS_SOURCE, _("Known from"), initial=c.StatusSource.TOLD.value)
    document: Any = forms.ModelChoiceField(
        Person.objects.none(), label=_("Document that shows it"), required=False
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        """Offer her own documents."""
        super().__init__(*args, **options)
        field = self.fields["document"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = person.documents.all()


class VulnerabilityForm(HouseForm):
    """What she tells of her life, with the day from which it holds."""

    kind = one_of(lb.VULNERABILITY, _("What was told"))
    from_date = DayField(label=_("Since"))
    to_date = DayField(label=_("Until"), required=False)
    source = one_of(lb.STATUS_SOURCE, _("Known from"), initial=c.StatusSource.TOLD.value)


def offer_purposes(form: HouseForm, notice: ConsentNotice | None) -> None:
    """Offer what the notice that is read names, and the institutions there are."""
    held = set(notice.purposes) if notice else set()
    purpose, recipient = form.fields["purpose"], form.fields["recipient"]
    assert isinstance(purpose, forms.ChoiceField)
    assert isinstance(recipient, forms.ModelChoiceField)
    purpose.choices = [pair for pair in lb.choices(lb.CONSENT_PURPOSE) if pair[0] in held]
    recipient.queryset = Organisation.objects.filter(active=True)


class ConsentForm(HouseForm):
    """One agreement: read, given for one purpose, to everyone it names or to one recipient."""

    purpose = one_of(lb.CONSENT_PURPOSE, _("She agrees to"))
    recipient = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Only with"),
        required=False,
        empty_label=_("everyone the notice names"),
    )
    method = one_of(lb.CONSENT_METHOD, _("How she agreed"))
    capacity = one_of(lb.CAPACITY, _("Signed by"), initial=c.Capacity.SELF.value)
    signatory = forms.CharField(
        label=_("Name of who signed for her"), max_length=200, required=False
    )
    given_date = DayField(label=_("Given on"))
    expires_date = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, notice: ConsentNotice | None, **options: Any) -> None:
        """Offer the purposes of the notice that is read."""
        super().__init__(*args, **options)
        offer_purposes(self, notice)


class RefusalForm(HouseForm):
    """One no: to one purpose, towards everybody or one recipient."""

    purpose = one_of(lb.CONSENT_PURPOSE, _("She says no to"))
    recipient = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Only to"),
        required=False,
        empty_label=_("everyone the notice names"),
    )
    method = one_of(lb.CONSENT_METHOD, _("How she said it"))
    refused_date = DayField(label=_("Said on"))

    def __init__(self, *args: Any, notice: ConsentNotice | None, **options: Any) -> None:
        """Offer the purposes of the notice that is read."""
        super().__init__(*args, **options)
        offer_purposes(self, notice)


class RevealForm(HouseForm):
    """Why a secret is needed; it is written into the read log."""

    PURPOSES = (
        ("CALL", _("to reach her")),
        ("IDENTIFY", _("to make sure who she is")),
        ("PAY", _("to pay her")),
        ("CORRECT", _("to correct it")),
        ("ASKED", _("she asks to see it")),
    )
    purpose = forms.ChoiceField(label=_("Why do you need it?"), choices=PURPOSES)
