"""The registration desk and what is recorded of a known person later."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import limits, reads
from handup.org.permissions import require
from handup.org.web.forms import FormPage
from handup.org.web.way import Crumb, way_to
from handup.people.forms import registration as f
from handup.people.models import Consent, ConsentNotice, Enquiry, Person, PersonDocument
from handup.people.models import labels as lb
from handup.people.queries import PossibleDuplicate
from handup.people.rules import codes as c
from handup.people.rules.categories import OLDEST, age_in_years
from handup.people.services import (
    ConsentIn,
    NameIn,
    NoIn,
    PaperIn,
    Registration,
    add_name,
    correct_person,
    give_consent,
    record_document,
    record_status,
    record_vulnerability,
    refuse_consent,
    register_person,
    withdraw_consent,
)
from handup.projects.models import Programme


def today() -> Any:
    """The day of today in the institution's time zone."""
    return timezone.localdate()


class ReadFirst:
    """Finds the notice to read: the latest in the language asked for, else the reader's, else
    any."""

    request: HttpRequest
    staff: Any
    _notice: ConsentNotice | None
    _others: list[ConsentNotice]

    def find_notice(self) -> ConsentNotice | None:
        """Return the notice to read now."""
        if not hasattr(self, "_notice"):
            rows = list(
                ConsentNotice.objects.filter(valid_from__lte=today()).order_by("-valid_from", "-id")
            )
            wanted = [self.request.GET.get("language", ""), self.staff.language, "en"]
            by_language = {row.language: row for row in reversed(rows)}
            found = [by_language[code] for code in wanted if code in by_language]
            self._notice = next(iter(found or rows), None)
            self._others = [row for row in by_language.values() if row is not self._notice]
        return self._notice

    def notice_context(self) -> dict[str, Any]:
        """The notice and the languages it also exists in."""
        notice = self.find_notice()
        return {"notice": notice, "others": self._others}


class PersonNew(ReadFirst, FormPage):
    """Register a person: the notice first, then one clear form; a possible duplicate is only
    hinted at."""

    form_class = f.PersonForm
    permission = "people.register_person"
    title = _("Register a person")
    verb = _("Register")
    template = "people/read_first.html"
    enquiry: Enquiry | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the enquiry she came with, if the address names one."""
        super().setup(request, *args, **kwargs)
        if "enquiry" in kwargs and request.user.is_authenticated:
            rows = Enquiry.objects.visible_to(self.staff)
            self.enquiry = rows.filter(pk=kwargs["enquiry"], state="OPEN").first()
            if self.enquiry is None:
                raise Http404
            require(self.staff, self.permission, self.enquiry)

    def form_options(self) -> dict[str, Any]:
        """Give the form its notice and places."""
        return {"staff": self.staff, "notice": self.find_notice()}

    def initial(self) -> dict[str, Any]:
        """Today, and what the enquiry told: nothing is typed twice."""
        start: dict[str, Any] = {"registered_date": today(), **self._known()}
        if self.enquiry is not None:
            first, _space, last = self.enquiry.name.partition(" ")
            start |= {
                "first_name": first,
                "last_name": last,
                "phone": self.enquiry.phone,
                "language": self.enquiry.language,
                "area": self.enquiry.area_id,
                "programme": self.enquiry.programme_id,
            }
        return start

    def _known(self) -> dict[str, Any]:
        """The office and the programme where the clerk's own leave no choice: nobody is asked."""
        known: dict[str, Any] = {"office": self.staff.home_office_id}
        mine = Programme.objects.visible_to(self.staff).values_list("pk", flat=True)[:2]
        if len(mine) == 1:
            known["programme"] = mine[0]
        return known

    def context(self) -> dict[str, Any]:
        """Show what is read first."""
        return self.notice_context()

    def perform(self, values: dict[str, Any]) -> Registration:
        """Register her."""
        return register_person(
            acting_staff=self.staff,
            person=self._told.person_in(self.new_id),
            enquiry=self.enquiry,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the bound form, which builds what the service takes."""
        self._told = f.PersonForm(request.POST, **self.form_options())
        self._told.is_valid()
        return super().post(request, *args, **kwargs)

    def success_url(self, result: Registration) -> str:
        """Her page; persons she may already be are named there once, with what agrees."""
        hints = result.possible_duplicates
        if hints:
            reads.note(self.request, persons=[hint.person for hint in hints], action="SEARCH")
            names = "; ".join(spoken(hint) for hint in hints)
            messages.warning(
                self.request,
                _t("She may be registered already: %(names)s. Compare before you go on.")
                % {"names": names},
            )
        return reverse("people:person_detail", args=[result.person.pk])

    def done_message(self, result: Registration) -> str:
        """Say it with her number, for her card."""
        number = result.person.registration_no
        return _t("She is registered. Her number is %(number)s.") % {"number": number}


def spoken(hint: PossibleDuplicate) -> str:
    """Who it may be, how sure, and what agrees."""
    fields = ", ".join(str(lb.MATCH_FIELD[field]) for field in hint.agreeing)
    return _t("%(name)s (%(number)s), %(percent)s %% likely: %(fields)s") % {
        "name": hint.person.display_name,
        "number": hint.person.registration_no,
        "percent": hint.percent,
        "fields": fields or _t("nothing agrees"),
    }


class OfPerson(FormPage):
    """A form about one person; it goes back to her page."""

    subject_model = Person
    person_path = "pk"
    subject: Person

    def success_url(self, result: Any) -> str:
        """Her page."""
        return reverse("people:person_detail", args=[self.subject.pk])


class PersonCorrect(OfPerson):
    """Correct what was written."""

    form_class = f.CorrectionForm
    permission = "people.correct_person"
    title = _("Correct what was written")
    verb = _("Correct")

    def form_options(self) -> dict[str, Any]:
        """Give the form its places."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """What is written now, as exactly as it is known; the telephone stays closed."""
        person = self.subject
        known = c.BirthPrecision(person.birth_precision)
        age = age_in_years(person.birth_date, known, today()) if known.value == "AGE" else None
        years = person.birth_date if known.value in {"YEAR", "MONTH"} else None
        return {
            "sex": person.sex,
            "father_name": person.father_name,
            "birth_date": person.birth_date if known is c.BirthPrecision.DAY else None,
            "birth_year": years.year if years else None,
            "age": None if age is None else min(age, OLDEST),
            "area": person.area_id,
            "on": today(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the bound form, which knows how exactly the birth date is told."""
        self._told = f.CorrectionForm(request.POST, initial=self.initial(), **self.form_options())
        self._told.is_valid()
        return super().post(request, *args, **kwargs)

    def perform(self, values: dict[str, Any]) -> Person:
        """Correct it; a birth that is left as it stands stays known as exactly as before."""
        birth, precision = self._told.birth(values["on"])
        if not {"birth_date", "birth_year", "age"}.intersection(self._told.changed_data):
            birth = self.subject.birth_date
            precision = c.BirthPrecision(self.subject.birth_precision)
        return correct_person(
            acting_staff=self.staff,
            person=self.subject,
            sex=c.Sex(values["sex"]),
            birth_date=birth,
            birth_precision=precision,
            father_name=values["father_name"],
            phone=values["phone"] or self.subject.phone,
            area=values["area"],
            on=values["on"],
        )


class NameNew(OfPerson):
    """Add another name."""

    form_class = f.NameForm
    permission = "people.correct_person"
    title = _("Add a name")
    verb = _("Add")

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        name = NameIn(values["first_name"], values["last_name"], c.NameKind(values["kind"]))
        return add_name(acting_staff=self.staff, person=self.subject, name=name)


class DocumentNew(OfPerson):
    """Record a document she shows."""

    form_class = f.PaperForm
    permission = "people.record_document"
    title = _("Record a document")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Seen today."""
        return {"seen_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        seen = values.pop("seen_date")
        paper = PaperIn(**(values | {"kind": c.PaperKind(values["kind"])}))
        return record_document(
            acting_staff=self.staff, person=self.subject, paper=paper, seen_date=seen
        )


class StatusNew(OfPerson):
    """Record a legal status."""

    form_class = f.StatusForm
    permission = "people.record_status"
    title = _("Record a legal status")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Her documents."""
        return {"person": self.subject}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        told = values | {
            "status": c.LegalStatusKind(values["status"]),
            "source": c.StatusSource(values["source"]),
        }
        return record_status(acting_staff=self.staff, person=self.subject, id=self.new_id, **told)


class VulnerabilityNew(OfPerson):
    """Record what she tells of her life."""

    form_class = f.VulnerabilityForm
    permission = "people.record_vulnerability"
    title = _("Record what she tells")
    verb = _("Record")

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        told = values | {
            "kind": c.VulnerabilityKind(values["kind"]),
            "source": c.StatusSource(values["source"]),
        }
        return record_vulnerability(
            acting_staff=self.staff, person=self.subject, id=self.new_id, **told
        )


class ConsentNew(ReadFirst, OfPerson):
    """Record that she agreed to something, after the notice was read."""

    form_class = f.ConsentForm
    permission = "people.give_consent"
    title = _("Record consent")
    verb = _("Record consent")
    template = "people/read_first.html"

    def form_options(self) -> dict[str, Any]:
        """The notice that is read."""
        return {"notice": self.find_notice()}

    def initial(self) -> dict[str, Any]:
        """Given today."""
        return {"given_date": today()}

    def context(self) -> dict[str, Any]:
        """Show what is read first."""
        return self.notice_context()

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        notice = self.find_notice()
        assert notice is not None  # without one the form offers no purpose
        told = values | {
            "purpose": c.ConsentPurpose(values["purpose"]),
            "method": c.ConsentMethod(values["method"]),
            "capacity": c.Capacity(values["capacity"]),
        }
        return give_consent(
            acting_staff=self.staff,
            person=self.subject,
            consent=ConsentIn(notice=notice, id=self.new_id, **told),
        )


class ConsentRefuse(ReadFirst, OfPerson):
    """Record that she said no, after the notice was read."""

    form_class = f.RefusalForm
    permission = "people.refuse_consent"
    title = _("Record a no")
    intro = _("She is served as before. What she agreed to for this purpose ends that day.")
    verb = _("Record her no")
    template = "people/read_first.html"

    def form_options(self) -> dict[str, Any]:
        """The notice that is read."""
        return {"notice": self.find_notice()}

    def initial(self) -> dict[str, Any]:
        """Said today."""
        return {"refused_date": today()}

    def context(self) -> dict[str, Any]:
        """Show what is read first."""
        return self.notice_context()

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        notice = self.find_notice()
        assert notice is not None  # without one the form offers no purpose
        told = values | {
            "purpose": c.ConsentPurpose(values["purpose"]),
            "method": c.ConsentMethod(values["method"]),
        }
        return refuse_consent(
            acting_staff=self.staff,
            person=self.subject,
            told=NoIn(notice=notice, id=self.new_id, **told),
        )


class ConsentWithdraw(View):
    """One button ends a consent from today on."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Withdraw it and go back to her page."""
        staff: Any = request.user
        consent = (
            Consent._base_manager.select_related("person")
            .filter(pk=pk, person__in=Person.objects.visible_to(staff))
            .first()
        )
        if consent is None:
            raise Http404
        withdraw_consent(acting_staff=staff, consent=consent, withdrawn_date=today())
        messages.success(request, _t("The consent is withdrawn from today on."))
        back = reverse("people:person_detail", args=[consent.person_id])
        return HttpResponseRedirect(f"{back}#consents")


class Reveal(FormPage):
    """Ask why a secret of a person is needed, write it into the read log, then show it once."""

    form_class = f.RevealForm
    permission = "people.reveal_secret"
    title = _("Show what is kept closed")
    verb = _("Show it")
    subject_model: ClassVar[Any] = Person
    person_path = "pk"
    FIELDS = {"phone": _("Telephone"), "address": _("Exact place")}

    def secret(self) -> tuple[Any, str]:
        """Return what it is called and what it is."""
        field = self.kwargs["field"]
        if field not in self.FIELDS:
            raise Http404
        return self.FIELDS[field], getattr(self.subject, field)

    def person(self) -> Person:
        """Whose secret it is."""
        owner: Person = self.subject
        return owner

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it, once the purpose is known."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            self.new_id = self.subject.pk
            return self._show(form)
        limits.require_within(request, "reveal")
        label, value = self.secret()
        person = self.person()
        purpose = form.cleaned_data["purpose"]
        reads.note(request, persons=[person], action="REVEAL", highest="S", purpose=purpose)
        back = reverse("people:person_detail", args=[person.pk])
        context = {"title": label, "label": label, "value": value, "back": back}
        answer: HttpResponse = render(request, "people/revealed.html", context)
        return answer


class RevealDocument(Reveal):
    """The same for the number of a document."""

    subject_model: ClassVar[Any] = PersonDocument
    person_path = "person_id"

    def crumbs(self) -> Sequence[Crumb]:
        """Whose document it is."""
        owner = self.person()
        page = reverse("people:person_detail", args=[owner.pk])
        return (*way_to(page, ""), Crumb(str(owner), page))

    def secret(self) -> tuple[Any, str]:
        """The number."""
        document: Any = self.subject
        return document.get_kind_display(), document.number

    def person(self) -> Person:
        """Whose document it is."""
        document: Any = self.subject
        owner: Person = document.person
        return owner
