"""A compiled questionnaire on plain pages: one group at a time, judged by the server at each step.

What was answered so far travels with the page, so that going back, a slow network or a restart of
the server lose nothing; the server believes none of it and judges all again when it is sent.
"""

import json
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import reads
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web.forms import HouseForm
from handup.org.web.pages import Header
from handup.surveys import services
from handup.surveys.forms.steps import StepForm
from handup.surveys.models import QuestionnaireVersion
from handup.surveys.queries import current_version
from handup.surveys.rules.codes import Channel, SubmissionState
from handup.surveys.rules.form.acting import changed, opened, triggers
from handup.surveys.rules.form.filling import (
    NotAnswers,
    empty,
    from_answers,
    leaves,
    new_row,
    to_answers,
    to_xml,
)
from handup.surveys.rules.form.model import Form
from handup.surveys.rules.form.pages import (
    Step,
    growing,
    next_step,
    shown,
    step_before,
    steps_of,
)
from handup.surveys.rules.form.sending import prepare
from handup.surveys.rules.form.steps import Look, look, say, settle
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.services.collecting import CASE_FIELDS, case_values
from handup.surveys.services.refusals import AnswersDiffer, NoPublishedVersion
from handup.surveys.views.devices import for_devices
from handup.surveys.views.writes import FillCase, ToCase

LARGEST_ANSWERS = 1_000_000


class FillForm(ToCase):
    """Ask the subject of a case the published version of its questionnaire."""

    form_class = HouseForm
    permission = "surveys.record_submission"
    title = _("Ask the questions")
    verb = _("Continue")
    template = "surveys/fill.html"

    version: QuestionnaireVersion
    form: Form

    def setup_form(self) -> bool:
        """Find the published version; false when it came without a compiled form."""
        questionnaire = self.subject.round.questionnaire
        version = current_version(questionnaire_id=questionnaire.pk)
        if version is None:
            raise NoPublishedVersion(title=questionnaire.title)
        form = services.form_of(version)
        if form is None:
            return False
        keyed = version.questions.filter(handup_key="case").values_list("name", flat=True)
        self.case_names = CASE_FIELDS | set(keyed)
        self.version, self.form, self.steps = version, form, steps_of(form, self.case_names)
        return True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the first step; a questionnaire without a compiled form has one page."""
        if not self.setup_form():
            return FillCase.as_view()(request, *args, **kwargs)
        self.new_id = new_id()
        here = self._look(empty(self.form).root)
        self._prefill(here)
        opened(here)
        settle(here)
        return self._page(here, next_step(here, self.steps, -1))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take one step: back, another row, another language, or on."""
        if not self.setup_form():
            return FillCase.as_view()(request, *args, **kwargs)
        self.new_id = self.kept_id(request)
        here = self._look(self._answers())
        self._prefill(here)
        settle(here)
        number = self._number()
        if number >= len(self.steps):
            if "_back" in request.POST:
                return self._page(here, step_before(here, self.steps, number))
            return self._send(here)
        step = self.steps[number]
        asked = shown(here, step)
        form = StepForm(request.POST, look=here, questions=asked)
        before = triggers(here)
        form.apply()
        changed(here, before)
        settle(here)
        if "_back" in request.POST:
            return self._page(here, step_before(here, self.steps, number))
        if "_speak" in request.POST or self._grown(here, step):
            return self._page(here, number)
        places = {one.place for one in asked}
        if {one.place for one in shown(here, step)} - places:
            return self._page(here, number)  # an answer made more questions apply
        offers = form.reoffered()
        if offers:
            form = StepForm(request.POST, look=here, questions=asked)
        if not form.judge():
            return self._page(here, number, form)
        if any(not one.node.text for one in offers):
            return self._page(here, number)  # or what can be chosen is something else now
        return self._page(here, next_step(here, self.steps, number))

    def _number(self) -> int:
        text = self.request.POST.get("_step", "0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0

    def _answers(self) -> Node:
        """What was answered so far, as the page brought it."""
        text = self.request.POST.get("_answers", "")
        try:
            given = json.loads(text) if len(text) <= LARGEST_ANSWERS else {}
            return from_answers(self.form, given).root
        except (ValueError, NotAnswers, RecursionError):
            return empty(self.form).root

    def _look(self, root: Node) -> Look:
        spoken = self.request.POST.get("_language") or (get_language() or "en").split("-")[0]
        offered = [code for code in self.form.languages if code in self.version.languages]
        language = spoken if spoken in offered else (offered or [""])[0]
        lists = {"cases": self._case_list()}
        now = timezone.localtime()
        return look(
            self.form, root, now=now, language=language, lists=lists, make_id=lambda: str(uuid4())
        )

    def _case_list(self) -> Node:
        root = Node("root")
        item = root.add("item")
        for name, value in case_values(self.subject, self.version).items():
            item.add(name, value)
        return root

    def _prefill(self, here: Look) -> None:
        """What the page knows by itself: the case, who asks, when it began."""
        moment = timezone.localtime().isoformat(timespec="milliseconds")
        known = {
            "timestamp start": moment,
            "date today": moment[:10],
            "property username": self.staff.username,
            "property deviceid": "web",
        }
        for field, node in leaves(self.form.root, here.root):
            if field.name in self.case_names:
                node.text = self.subject.pk.hex
            elif not node.text and field.preload in known:
                node.text = known[field.preload]

    def _grown(self, here: Look, step: Step) -> bool:
        wanted = self.request.POST.get("_add", "")
        for field, parent, place in growing(here, step):
            if place == wanted:
                new_row(field, parent)
                settle(here)
                return True
        return False

    def _send(self, here: Look) -> HttpResponseBase:
        """Drop what does not apply and hand the whole over as a device would."""
        self._end(here, again=False)
        prepare(here)
        body = to_xml(self.form, here.root, instance_id=f"uuid:{self.new_id}")
        try:
            row = services.record_form_submission(
                acting_staff=self.staff,
                submission=services.FormSubmissionIn(
                    case=self.subject, version=self.version, body=body, channel=Channel.WEB
                ),
            )
        except (NotAllowed, OutOfSight):
            raise
        except Refusal as refusal:
            form = HouseForm(self.request.POST)
            form.refuse(refusal)
            return self._page(here, len(self.steps), form)
        if row.state == SubmissionState.CONFLICT:
            form = HouseForm(self.request.POST)
            form.refuse(AnswersDiffer())
            return self._page(here, len(self.steps), form)
        return self._done(row)

    def _end(self, here: Look, *, again: bool) -> None:
        """When it ended: the moment the last page was made, so that pressing twice sends the same
        bytes."""
        moment = timezone.localtime().isoformat(timespec="milliseconds")
        for field, node in leaves(self.form.root, here.root):
            if field.preload == "timestamp end" and (again or not node.text):
                node.text = moment

    def _done(self, row: Any) -> HttpResponseBase:
        held = row.state == SubmissionState.HELD
        text = (
            _now("The answers are kept and held for review.")
            if held
            else _now("The answers are received.")
        )
        messages.success(self.request, text)
        return HttpResponseRedirect(self.success_url(row))

    def _page(self, here: Look, number: int, form: HouseForm | None = None) -> HttpResponse:
        """Show a step, or after the last one everything that was answered."""
        if self.subject.person_id:
            reads.note(self.request, persons=[self.subject.person_id], highest="P")
        last = number >= len(self.steps)
        step = None if last else self.steps[number]
        if last:
            self._end(here, again=form is None)
        if form is None:
            form = HouseForm() if step is None else StepForm(look=here, questions=shown(here, step))
        title = step.title if step is not None else None
        context = {
            "page": self,
            "title": self.title,
            "header": Header(self.title, str(self.subject), crumbs=self.crumbs()),
            "form": form,
            "step": number,
            "steps": len(self.steps),
            "group": say(here, title.wording.label, here.root) if title is not None else "",
            "answers": json.dumps(to_answers(self.form.root, here.root), ensure_ascii=False),
            "adds": [
                (place, say(here, field.wording.label, here.root))
                for field, _parent, place in (growing(here, step) if step is not None else ())
            ],
            "languages": [
                (code, name) for code, name in self.form.languages.items()
                if code in self.version.languages
            ],
            "language": here.language,
            "last": last,
            "read_back": self._read_back(here) if last else [],
            "dropped": self._dropped(here) if last else [],
            "new_id": self.new_id,
            "fresh": self.request.method == "GET",
            **for_devices(self.staff, self.subject, self.success_url(None)),
        }  # fmt: skip
        status = 422 if form.is_bound and form.errors else 200
        return render(self.request, self.template, context, status=status)

    def _dropped(self, here: Look) -> list[str]:
        """The questions whose answers leave when it is sent, as they do not apply any more."""
        given = to_answers(self.form.root, here.root)
        assert isinstance(given, dict)
        paths = dict.fromkeys(prepare(self._look(from_answers(self.form, given).root)))
        fields = self.form.fields()
        asked = [fields[path] for path in paths if fields[path].control]
        return [say(here, one.wording.label, here.root) or one.name for one in asked]

    def _read_back(self, here: Look) -> list[tuple[str, str]]:
        """Every answer in words, for the last look before it is sent."""
        found = []
        for step in self.steps:
            form = StepForm(look=here, questions=shown(here, step))
            for one in form.asked:
                field = form.fields[one.place]
                words = dict(getattr(field, "choices", ()))
                codes = one.node.text.split() if one.field.several else [one.node.text]
                text = ", ".join(str(words.get(code, code)) for code in codes if code)
                if text:
                    found.append((str(field.label), text))
        return found
