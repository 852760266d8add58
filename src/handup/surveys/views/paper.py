"""Fast entry from paper: the whole questionnaire on one page, kept as it is typed, handed in when
it is whole; works with the keyboard alone and without JavaScript.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web.forms import HouseForm
from handup.org.web.pages import Header
from handup.surveys import services
from handup.surveys.forms.paper import BESIDES, PaperForm, PlainPaperForm, askers
from handup.surveys.models import PaperEntry
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.rules.form.steps import say
from handup.surveys.rules.form.whole import drop_empty_rows, questions_on_paper, rows_to_add
from handup.surveys.services.paper import Paper, known_names, look_at, paper_of, typed_in
from handup.surveys.services.refusals import TypedOtherwise
from handup.surveys.views.writes import ToCase

Sheet = PaperForm | PlainPaperForm


class TypePaper(ToCase):
    """Type the paper of a case. Enter keeps what is typed and checks it; a button hands it in."""

    form_class = HouseForm
    permission = "surveys.enter_paper"
    title = _("Type it from paper")
    intro = _(
        "Tab leads to the next answer, Enter keeps what is typed and checks it. Choices are written"
        " by the numbers printed beside them."
    )
    template: ClassVar[str] = "surveys/paper_entry.html"

    paper: Paper

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go on where it was left, or begin."""
        self.paper = paper_of(self.staff, self.subject)
        if self.paper.is_typed:
            return self._page(None)
        entry = self.paper.entry
        form = self._form(typed_in(entry) if entry else {}, whole=False)
        if entry is not None:
            form.judge(whole=False)
        return self._page(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what is typed; then check it, add a row, or hand it in."""
        self.paper = paper_of(self.staff, self.subject)
        typed = self._typed()
        if place := request.POST.get("_add", ""):
            typed[f"{place}/"] = [""]
        try:
            entry = services.keep_paper(
                acting_staff=self.staff, case=self.subject, typed=typed,
                answered_date=self._day(), asked_by=self._asked_by(),
            )  # fmt: skip
        except (NotAllowed, OutOfSight):
            raise
        except Refusal as refusal:
            # Everything typed stands on the page still: nothing of it was kept.
            form = self._form(typed, whole=False)
            form.judge(whole=False)
            form.refuse(refusal)
            return self._page(form)
        whole = "_finish" in request.POST
        sheet = self._form(typed, whole=whole)
        sound = sheet.judge(whole=whole)
        if not whole:
            return self._kept(sheet, sound=sound)
        as_written = "_as_written" in request.POST and self._may_stand(sheet)
        if not sound and not as_written:
            return self._page(sheet)
        return self._hand_in(entry, sheet, as_written=as_written)

    def _kept(self, sheet: Sheet, *, sound: bool) -> HttpResponseBase:
        if not sound:
            return self._page(sheet)
        messages.success(self.request, _now("What is typed is kept."))
        return HttpResponseRedirect(reverse("surveys:case_paper", args=[self.subject.pk]))

    def _hand_in(self, entry: PaperEntry, sheet: Sheet, *, as_written: bool) -> HttpResponseBase:
        plain: dict[str, Any] = {}
        if isinstance(sheet, PlainPaperForm):
            plain = {
                "answers": sheet.answers(),
                "consented": sheet.cleaned_data.get("consented", True),
            }
        try:
            row = services.finish_paper(
                acting_staff=self.staff, case=self.subject, as_written=as_written,
                seen=self.request.POST.get("_seen", ""), **plain,
            )  # fmt: skip
        except (NotAllowed, OutOfSight):
            raise
        except TypedOtherwise as refusal:
            sheet.refuse(refusal)
            return self._page(sheet, seen=refusal.seen)
        except Refusal as refusal:
            sheet.refuse(refusal)
            return self._page(sheet)
        messages.success(self.request, self._said(row))
        return HttpResponseRedirect(self.success_url(row))

    @staticmethod
    def _said(row: PaperEntry) -> str:
        if row.submission is None:
            return _now("It is typed once. Another person types it the second time.")
        if row.submission.state == SubmissionState.HELD:
            return _now("The answers are kept and held for review.")
        return _now("The answers are received.")

    @staticmethod
    def _may_stand(sheet: Sheet) -> bool:
        """Whether it can be handed in as the paper says: nothing that was typed would be lost."""
        if any(name in sheet.errors for name in BESIDES):
            return False
        return isinstance(sheet, PaperForm) or sheet.only_lacks()

    def _typed(self) -> dict[str, list[str]]:
        given = self.request.POST
        own = {"csrfmiddlewaretoken", *BESIDES}
        return {
            name: [str(text) for text in given.getlist(name)]
            for name in given
            if name not in own and not name.startswith("_")
        }

    def _day(self) -> date | None:
        try:
            return date.fromisoformat(self.request.POST.get("answered_date", ""))
        except ValueError:
            return None

    def _asked_by(self) -> StaffUser | None:
        given = self.request.POST.get("asked_by", "")
        found: StaffUser | None = next((one for one in askers() if str(one.pk) == given), None)
        return found

    def _form(self, typed: Mapping[str, list[str]], *, whole: bool) -> Sheet:
        entry, form = self.paper.entry, self.paper.form
        posted = self.request.POST if self.request.method == "POST" else None
        asked_by = (entry.asked_by if entry else None) or self.subject.interviewer or self.staff
        initial = {"answered_date": entry.answered_date if entry else None, "asked_by": asked_by}
        if form is None:
            data: Any = posted
            if data is None and entry is not None:
                data = _as_posted(typed, entry)
            currency = self.subject.round.programme.currency
            return PlainPaperForm(
                data, version=self.paper.version, currency=currency, initial=initial
            )
        here, asked = look_at(
            form, self.paper.version, self.subject, typed,
            language=(get_language() or "en").split("-")[0],
            answered_date=self._day() if posted else None, asked_by=asked_by,
        )  # fmt: skip
        if whole:
            drop_empty_rows(here)
            asked = questions_on_paper(here, known_names(self.paper.version))
        data = posted if posted is not None else (_as_posted(typed, entry) if entry else None)
        return PaperForm(data, look=here, asked=asked, typed=typed, initial=initial)

    def _page(self, form: HouseForm | None, *, seen: str = "") -> HttpResponse:
        if self.subject.person_id:
            reads.note(self.request, persons=[self.subject.person_id], highest="S")
        adds = []
        if isinstance(form, PaperForm):
            adds = [
                (place, say(form.look, field.wording.label, form.look.root) or field.name)
                for field, place in rows_to_add(form.look)
            ]
        wrong = form is not None and form.is_bound and bool(form.errors)
        if form is not None:
            _begin_at(form)
        tried = "_finish" in self.request.POST
        sheet = form if isinstance(form, PaperForm | PlainPaperForm) else None
        context = {
            "page": self,
            "title": self.title,
            "header": Header(
                self.title, self.lead() if form is not None else "", crumbs=self.crumbs()
            ),
            "form": form,
            "adds": adds,
            "seen": seen,
            "second": self.paper.second,
            "may_stand": bool(
                wrong and tried and not seen and sheet is not None and self._may_stand(sheet)
            ),
            "typed_once": self.paper.is_typed,
        }
        return render(self.request, self.template, context, status=422 if wrong else 200)


def _as_posted(typed: Mapping[str, list[str]], entry: PaperEntry) -> Any:
    """What was kept as a page would send it."""
    given = QueryDict(mutable=True)
    for name, texts in typed.items():
        given.setlist(name, texts)
    given["answered_date"] = entry.answered_date.isoformat() if entry.answered_date else ""
    given["asked_by"] = str(entry.asked_by_id or "")
    return given


def _begin_at(form: HouseForm) -> None:
    """Put the cursor where to go on: the first fault, else the first answer not typed yet."""
    names = [name for name in form.fields if name in form.errors] if form.is_bound else []
    if not names:
        names = [name for name in form.fields if not form[name].value()]
    if names:
        form.fields[names[0]].widget.attrs["autofocus"] = True
