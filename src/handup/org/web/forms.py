"""Forms of the house: one column, an error summary with links, errors beside the field, values
kept.

A domain's form page is a form with fields and one service call:

    class RepaymentForm(HouseForm):
        value_date = DayField(label=_("Day it was paid"))
        amount = MoneyField(label=_("Amount"), currency="AMD")

    class RecordRepayment(FormPage):
        form_class = RepaymentForm
        permission = "lending.record_repayment"
        title = _("Record a repayment")
        verb = _("Record repayment")
        reads_back = True

        def perform(self, values):
            return record_repayment(
                acting_staff=self.staff, loan=self.subject, id=self.new_id, **values
            )

A Refusal raised by the service becomes the error of the field it names; nothing is lost of what was
typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.org import reads, undoing
from handup.org.duties import ReasonNeeded
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed, OutOfSight, require
from handup.org.scanning import require_clean
from handup.org.web import factor
from handup.org.web.columns import Label, read_path
from handup.org.web.money import currency_digits, format_day, format_money, format_number
from handup.org.web.pages import Header
from handup.org.web.refusals import message_of
from handup.org.web.way import Crumb, way_to

NEW_ID = "_new_id"
UNDO = "undo:"
"""Begins the tag of a message that has a button to undo; the id of the line follows."""
DUTY_REASON = "_duty_reason"
READ_BACK = "_read_back"


class DayField(forms.DateField):
    """A day, picked or typed; the browser shows it in the reader's way and sends ISO 8601."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        """Take any option of a date field."""
        options.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(**options)


class MoneyField(forms.CharField):
    """An amount typed in main units ("1 250,50"); the value is in smallest units of `currency`."""

    default_error_messages = {
        "not_an_amount": _("Write the amount in digits, for example 1250."),
        "too_fine": _("%(currency)s has at most %(digits)s decimals."),
        "too_small": _("The amount must be at least %(least)s."),
    }

    def __init__(self, *, currency: str = "", least_units: int | None = 1, **options: Any) -> None:
        """Take a currency (or set `field.currency` later) and the least in smallest units."""
        self.currency = currency
        self.least_units = least_units
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        """The amount in smallest units; None when empty and not required."""
        text = super().clean(value)
        if text in self.empty_values:
            return None
        units = self._units(re.sub(r"[\s\u00a0\u202f'\u2019]", "", str(text)))
        if self.least_units is not None and units < self.least_units:
            least = format_money(self.least_units, self.currency)
            raise self._error("too_small", least=least)
        return units

    def _error(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)

    def _units(self, text: str) -> int:
        digits = currency_digits(self.currency)
        plain = _decimal_point(text)
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{0,6})?", plain):
            raise self._error("not_an_amount")
        amount = Decimal(plain)
        units = amount.scaleb(digits)
        if units != units.to_integral_value():
            raise self._error("too_fine", currency=self.currency, digits=digits)
        return int(units)


def _decimal_point(text: str) -> str:
    """Turn "1.250,50", "1,250.50" and "1250,5" into what Decimal reads.

    The last separator is the decimal one, unless it groups exactly three digits more than once or
    is the only one and three digits follow it ("1,250" is one thousand two hundred and fifty).
    """
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return text
    last = marks[-1]
    if marks.count(last) > 1 and len(set(marks)) > 1:
        return text
    tail = text.rsplit(last, 1)[1]
    groups = len(set(marks)) == 1 and len(tail) == 3
    if groups or marks.count(last) > 1:
        return text.replace(last, "").replace("," if last == "." else ".", "")
    other = "," if last == "." else "."
    return text.replace(other, "").replace(last, ".")


@dataclass(frozen=True)
class Question:
    """A group of fields under one question: `Question(_("Who is she?"), ("family_name",
    "given_name"))`. Folded: shown when opened, or when anything is answered or wrong in it.
    """

    title: Label
    fields: tuple[str, ...]
    hint: Label = ""
    folded: bool = False


@dataclass(frozen=True)
class ReadBack:
    """One line of the page that reads everything back."""

    label: str
    text: str


class HouseForm(forms.Form):
    """A form in the house's look; `questions` groups its fields (left out: one group of all)."""

    questions: ClassVar[tuple[Question, ...]] = ()
    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give every input the kit's class."""
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        for field in self.fields.values():
            dress(field)

    def full_clean(self) -> None:
        """Have each file looked through as it comes in, before any service is called."""
        super().full_clean()
        for name, field in self.fields.items():
            file = getattr(self, "cleaned_data", {}).get(name)
            if not isinstance(field, forms.FileField) or not isinstance(file, UploadedFile):
                continue
            try:
                file.seek(0)
                require_clean(file.read())
            except Refusal as refusal:
                self.add_error(name, message_of(refusal))
            finally:
                file.seek(0)

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """The visible fields by question, in order; fields no question names come last."""
        if not self.questions:
            return [(None, self.visible_fields())]
        named = {name for question in self.questions for name in question.fields}
        found: list[tuple[Question | None, list[BoundField]]] = [
            (q, [self[name] for name in q.fields if name in self.fields]) for q in self.questions
        ]
        found = [(question, fields) for question, fields in found if fields]
        rest = [bound for bound in self.visible_fields() if bound.name not in named]
        return [*found, (None, rest)] if rest else found

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal beside the field it names, or at the top."""
        if isinstance(refusal, Faults):
            for fault in refusal.faults:
                self.add_error(self.beside(fault.place), fault.message)
            if refusal.faults:
                return
        self.add_error(self.beside(refusal.field or ""), message_of(refusal))

    def beside(self, place: str) -> str | None:
        """The field that asked for what a service names; None where no field did."""
        return place if place in self.fields else None

    def read_back(self) -> list[ReadBack]:
        """What was answered, in words, for the last look before it is done."""
        return [
            ReadBack(force_str(bound.label), text)
            for bound in self.visible_fields()
            if (text := self._spoken(bound))
        ]

    def _spoken(self, bound: BoundField) -> str:
        value = self.cleaned_data.get(bound.name)
        if value is None or value == "":
            return ""
        if isinstance(bound.field, MoneyField):
            return format_money(value, bound.field.currency)
        if isinstance(value, bool):
            return force_str(_("yes") if value else _("no"))
        if isinstance(value, date):
            return format_day(value)
        if isinstance(bound.field, forms.ChoiceField):
            return self._chosen(bound.field, value)
        if isinstance(value, int | Decimal):
            return format_number(value)
        if isinstance(value, list):
            return ", ".join(force_str(line) for line in value)
        return force_str(value)

    @staticmethod
    def _chosen(field: forms.ChoiceField, value: Any) -> str:
        codes = value if isinstance(value, list | tuple | set) else [value]
        labels = {str(k): v for k, v in _flat(field.choices)}
        return ", ".join(force_str(labels.get(str(code), code)) for code in codes)


def summary_of(form: forms.BaseForm) -> list[tuple[str, str]]:
    """Every error of a form with the id of the input it belongs to (empty for the whole form)."""
    found = [("", str(text)) for text in form.non_field_errors()]
    for name, errors in form.errors.items():
        if name in form.fields:
            bound = form[name]
            target = bound.id_for_label or f"id_{bound.html_name}"
            found += [(target, f"{bound.label}: {text}") for text in errors]
    return found


def groups_of(form: forms.BaseForm) -> list[tuple[Question | None, list[BoundField]]]:
    """The visible fields of any form by question; a form of another package is one group."""
    if isinstance(form, HouseForm):
        return form.groups
    for field in form.fields.values():
        dress(field)
    return [(None, form.visible_fields())]


def _flat(choices: Any) -> Iterable[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


_DASHES = "---------"  # what Django shows where nothing is chosen
_SELECTS = (forms.Select, forms.SelectMultiple)
_TICKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


def dress(field: forms.Field) -> None:
    """Give a field's input the kit's class."""
    widget = field.widget
    if isinstance(field, forms.ModelChoiceField) and field.empty_label == _DASHES:
        field.empty_label = _("choose") if field.required else "\u2013"
    if isinstance(widget, _TICKS):
        css = "form-check-input"
    elif isinstance(widget, _SELECTS):
        css = "form-select"
    else:
        css = "form-control"
    if isinstance(widget, forms.Textarea) and str(widget.attrs.get("rows")) == "10":
        widget.attrs["rows"] = "4"
    present = str(widget.attrs.get("class", ""))
    if css not in present:
        widget.attrs["class"] = f"{present} {css}".strip()


class FormPage(View):
    """A page with one form and one service call; see the module's text.

    `subject_model` with a `pk` in the address gives `self.subject`, seen through `visible_to`
    (missing is 404). With `reads_back`, a second page reads everything back before the service is
    called. `self.new_id` is made once when the form is opened, so that pressing the button twice
    records once.
    """

    form_class: ClassVar[type[HouseForm]]
    permission: ClassVar[str]
    title: ClassVar[Label]
    intro: ClassVar[Label] = ""
    verb: ClassVar[Label] = _("Save")
    subject_model: ClassVar[Any] = None
    reads_back: ClassVar[bool] = False
    # Asks for the second factor again when it was not shown in the last five minutes.
    asks_factor: ClassVar[bool] = False
    # Path from the subject to the person the page names; set, opening it goes into the read log.
    person_path: ClassVar[str] = ""
    template: ClassVar[str] = "kinds/form.html"

    subject: Any
    staff: Any
    new_id: UUID
    # Whether she does alone what two should do, and the form has no field for her reason.
    alone: bool = False

    def perform(self, values: dict[str, Any]) -> Any:
        """Call the one service with the checked values; what it returns goes to `success_url`."""
        raise NotImplementedError

    def success_url(self, result: Any) -> str:
        """Where to go when it is done; the result's own page unless overridden."""
        return str(result.get_absolute_url())

    def find_subject(self, pk: UUID) -> Any:
        """The record the form is about, as far as the reader may see it."""
        return self.subject_model.objects.visible_to(self.staff).filter(pk=pk).first()

    def answer(self, result: Any) -> HttpResponseBase:
        """What is sent when it is done: the way to `success_url` unless overridden."""
        return HttpResponseRedirect(self.success_url(result))

    def subject_name(self) -> Label:
        """What the record the form is about is called in the way to this page."""
        return "" if self.subject is None else str(self.subject)

    def lead(self) -> Label:
        """What stands below the title: `intro`, or what is to be said of this one record."""
        return self.intro

    def crumbs(self) -> Sequence[Crumb]:
        """The way here, so that nobody records a thing of the wrong loan or person."""
        return way_to(self.request.path, self.subject_name())

    def initial(self) -> dict[str, Any]:
        """What the form holds when it is opened."""
        return {}

    def form_options(self) -> dict[str, Any]:
        """More arguments for the form (choices that depend on the subject, for example)."""
        return {}

    def context(self) -> dict[str, Any]:
        """More context for the template."""
        return {}

    def done_message(self, result: Any) -> str:
        """The sentence shown on the next page; empty for none."""
        return ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find who acts, on what."""
        super().setup(request, *args, **kwargs)
        self.staff = request.user
        self.subject = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let only those through who may do this to this record."""
        if self.subject_model is not None:
            self.subject = self.find_subject(kwargs["pk"])
            if self.subject is None:
                raise Http404
        if self.permission:
            require(self.staff, self.permission, self.subject)
        if self.asks_factor and factor.is_stale(request):
            return factor.ask(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the form."""
        self.new_id = new_id()
        return self._show(self.form_class(initial=self.initial(), **self.form_options()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check, read back when asked for, and do it."""
        self.new_id = _posted_id(request)
        form = self.form_class(
            request.POST, request.FILES, initial=self.initial(), **self.form_options()
        )
        if not form.is_valid() or "_change" in request.POST:
            return self._show(form)
        if self.reads_back and READ_BACK not in request.POST:
            return self._show(form, reading_back=True)
        mark = new_id()
        try:
            result = self.perform(form.cleaned_data)
        except (NotAllowed, OutOfSight):
            raise
        except Refusal as refusal:
            self.alone = isinstance(refusal, ReasonNeeded) and refusal.field not in form.fields
            form.refuse(refusal)
            return self._show(form)
        signed_in = self.request.user.is_authenticated  # nobody is yet at the first start
        undo = undoing.written_since(self.staff, mark) if signed_in else None
        self._tell(self.done_message(result), undo)
        return self.answer(result)

    def _tell(self, text: str, line: AuditLine | None) -> None:
        """Show the sentence on the next page, with a button where the act can be undone."""
        if line is not None:
            text = text or _now("It is recorded.")
            messages.success(self.request, text, extra_tags=f"{UNDO}{line.pk}")
        elif text:
            messages.success(self.request, text)

    @staticmethod
    def kept_id(request: HttpRequest) -> UUID:
        """The id made when the form was opened."""
        return _posted_id(request)

    def _show(self, form: HouseForm, *, reading_back: bool = False) -> HttpResponse:
        if self.person_path and (person := read_path(self.subject, self.person_path)) is not None:
            reads.note(self.request, persons=[person], highest="P")
        context = {
            "page": self,
            "title": self.title,
            "header": Header(self.title, self.lead(), crumbs=self.crumbs()),
            "form": form,
            "subject": self.subject,
            "new_id": self.new_id,
            "reading_back": reading_back,
            "alone": self.alone or DUTY_REASON in self.request.POST,
            "duty_reason": self.request.POST.get(DUTY_REASON, ""),
            **self.context(),
        }
        status = 422 if form.is_bound and form.errors else 200
        return render(self.request, self.template, context, status=status)


def _posted_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get(NEW_ID, ""))
    except ValueError:
        return new_id()
