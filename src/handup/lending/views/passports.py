"""Credit passports: made from a person's page, printed, withdrawn; and what anybody may check."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_http_methods, require_safe

from handup.kernel.crypto import is_signed
from handup.lending.models import CreditPassport
from handup.lending.paper import history_lines, passport_pdf
from handup.lending.rules.passport import Passport, read_text
from handup.lending.security_forms import HOW
from handup.lending.services import passports as services
from handup.org import reads
from handup.org.limits import require_within
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.pages import Fact, FactGroup, Table
from handup.people.models import Person
from handup.people.rules.codes import ConsentMethod
from handup.training.models import SigningKey
from handup.training.rules.serials import code_parts

LONGEST_CODE = 2_000


def state_of(row: CreditPassport) -> State:
    """What a passport's page answers today."""
    if row.withdrawn_date is not None:
        return State(_("Withdrawn by its owner"), Tone.BAD)
    if row.holds_on(timezone.localdate()):
        return State(_("Valid"), Tone.GOOD)
    return State(_("Expired"), Tone.WARN)


def passport_table(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """The passports a person asked for."""
    rows = list(CreditPassport.objects.visible_to(staff).filter(person_id=person_id))
    if not rows:
        return ()
    columns = (
        Column("issued_date", _("Issued on"), Kind.DATE),
        Column("valid_to", _("Valid until"), Kind.DATE),
        Column("state", _("State"), value=state_of),
        Column(
            "print",
            _("Paper"),
            Kind.LINK,
            value=lambda row: "" if row.withdrawn_date else _("Print"),
            href=lambda row: reverse("lending:passport_pdf", args=[row.pk]),
        ),
        Column(
            "withdraw",
            _("Change"),
            Kind.LINK,
            value=lambda row: "" if row.withdrawn_date else _("Withdraw"),
            href=lambda row: reverse("lending:passport_withdraw", args=[row.pk]),
        ),
    )
    return (Table(_("Credit passports"), columns, rows),)


class PassportForm(HouseForm):
    """Her request."""

    requested_date = DayField(label=_("She asked for it on"))
    requested_how = forms.ChoiceField(label=_("How she asked"), choices=HOW)
    reference = forms.CharField(label=_("Number of the paper"), max_length=60, required=False)


class OfPerson(FormPage):
    """A step about a person; afterwards her page."""

    person_id: UUID

    def success_url(self, result: Any) -> str:
        """Her page; the start page where the domain people is switched off."""
        try:
            return reverse("people:person_detail", args=[result.person_id])
        except NoReverseMatch:
            return "/"


class IssuePassport(OfPerson):
    """A person asks for her credit passport."""

    form_class = PassportForm
    permission = "lending.issue_passport"
    subject_model = Person
    person_path = "pk"
    title = _("Make a credit passport")
    intro = _(
        "Only because she asks for it: a signed paper of her savings and repayments, which she"
        " shows to whom she wants."
    )
    verb = _("Make it")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"requested_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Sign it."""
        return services.issue_passport(
            acting_staff=self.staff,
            person=self.subject,
            issued_date=timezone.localdate(),
            id=self.new_id,
            **{**values, "requested_how": ConsentMethod(values["requested_how"])},
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The credit passport is made; print it for her.")


class WithdrawForm(HouseForm):
    """The day she wishes it withdrawn."""

    withdrawn_date = DayField(label=_("Withdrawn on"))


class WithdrawPassport(OfPerson):
    """Its owner wishes it withdrawn."""

    form_class = WithdrawForm
    permission = "lending.withdraw_passport"
    subject_model = CreditPassport
    title = _("Withdraw the credit passport")
    verb = _("Withdraw it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"withdrawn_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Withdraw it."""
        return services.withdraw_passport(acting_staff=self.staff, passport=self.subject, **values)


class PassportPaper(View):
    """The passport as PDF."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it to who may see it; the print is noted in the read log."""
        staff: Any = request.user
        require(staff, "lending.view_passport")
        rows = CreditPassport.objects.visible_to(staff).select_related("signing_key")
        row = rows.filter(pk=pk, withdrawn_date=None).first()
        if row is None:
            raise Http404
        reads.note(request, persons=[row.person_id], action="PRINT", highest="P")
        answer = HttpResponse(passport_pdf(row), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{row.address}.pdf"'
        return answer


def _quiet(response: HttpResponse) -> HttpResponse:
    """Never for a crawler, a cache or the next page."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@require_safe
def passport_verify(request: HttpRequest, address: str) -> HttpResponse:
    """Say whether the passport at this address still holds; what it tells stands in its code."""
    require_within(request, "verify", who=str(request.META.get("REMOTE_ADDR", "")))
    row = CreditPassport.objects.filter(address=address.upper()[:13]).first()
    context: dict[str, Any] = {"title": _("Check a credit passport"), "passport": row}
    if row is not None:
        context["state"] = state_of(row)
    status = 200 if row is not None else 404
    return _quiet(render(request, "lending/passport_verify.html", context, status=status))


class CheckForm(HouseForm):
    """The text of a scanned code."""

    code = forms.CharField(
        label=_("Text of the code"),
        max_length=LONGEST_CODE,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Scan the code of the paper and put all of its text here."),
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def passport_check(request: HttpRequest) -> HttpResponse:
    """Read a scanned code and say whether its signature is right; nothing is kept."""
    require_within(request, "verify", who=str(request.META.get("REMOTE_ADDR", "")))
    form = CheckForm(request.POST or None)
    keys = SigningKey.objects.order_by("number")
    context: dict[str, Any] = {
        "title": _("Check a credit passport"),
        "form": form,
        "keys": keys.values_list("number", "public_key"),
    }
    if form.is_bound and form.is_valid():
        context |= _checked(form.cleaned_data["code"].strip())
    return _quiet(render(request, "lending/passport_check.html", context))


def _checked(text: str) -> dict[str, Any]:
    found = code_parts(text)
    passport = read_text(found[1]) if found else None
    if found is None or passport is None:
        return {"verdict": State(_("This is no credit passport"), Tone.BAD)}
    address, signed, signature = found
    key = SigningKey.objects.filter(number=passport.key_number).first()
    if key is None or not is_signed(key.public_key, signed.encode(), signature):
        return {"verdict": State(_("Not signed by us, or changed"), Tone.BAD)}
    row = _issued(key, passport, signed, address.rstrip("/").rpartition("/")[2])
    if row is not None:
        return {"verdict": state_of(row), "groups": _told(passport)}
    late = timezone.localdate() > passport.valid_to
    verdict = State(_("Expired"), Tone.WARN) if late else State(_("Signature right"), Tone.GOOD)
    return {"verdict": verdict, "groups": _told(passport)}


def _issued(
    key: SigningKey, passport: Passport, signed: str, address: str
) -> CreditPassport | None:
    """The passport with this signed text. Its address is no part of what is signed and may have
    been changed: of several with one text it tells which, else a withdrawn one counts.
    """
    rows = CreditPassport.objects.filter(signing_key=key, issued_date=passport.issued_date)
    same = [row for row in rows if (code_parts(row.code_text) or ("", ""))[1] == signed]
    same.sort(key=lambda row: (row.address != address, row.withdrawn_date is None))
    return same[0] if same else None


def _told(passport: Passport) -> list[FactGroup]:
    found = [
        FactGroup(
            _("Credit passport"),
            [
                Fact(_("Name"), passport.name),
                Fact(_("Issued on"), passport.issued_date),
                Fact(_("Valid until"), passport.valid_to),
            ],
        )
    ]
    for history in passport.histories:
        facts = [Fact(label, value) for label, value in history_lines(history)]
        found.append(FactGroup(history.currency, facts))
    return found
