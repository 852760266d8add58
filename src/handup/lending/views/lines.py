"""A borrower's line: what is sent to her telephone, started and ended; and the door by which a
gateway hands over what she wrote.
"""

import hmac
import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from handup.kernel.errors import Refusal
from handup.lending.models import BorrowerLine, LineMessage, MessageState
from handup.lending.security_forms import HOW
from handup.lending.services import lines as services
from handup.org.encryption import lookup_hash
from handup.org.limits import require_within
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import EmptyState
from handup.org.web.pages import Action, Fact, FactGroup, Header, RecordPage, Table
from handup.people.models import Person
from handup.people.rules.codes import ConsentMethod

SHOWN = 100  # messages on her page, the last ones
LARGEST = 4_000  # bytes a gateway hands over at most
TONES: dict[str, Tone] = {
    MessageState.WAITING: Tone.WARN,
    MessageState.SENT: Tone.GOOD,
    MessageState.FAILED: Tone.BAD,
    MessageState.DROPPED: Tone.PLAIN,
}
WHY = {
    "ENDED": _("She wants none any more."),
    "APART": _("Not to this person."),
    "CONSENT": _("She withdrew her consent."),
    "NO_TELEPHONE": _("There is no number."),
    "NOTHING": _("There is nothing to tell any more."),
    "NOT_REACHED": _("The gateway was not reached."),
    "ADDRESS": _("The address of the gateway is wrong."),
}


def why_not(row: LineMessage) -> str:
    """Why a message did not go out, in words."""
    said = WHY.get(row.why)
    if said is not None or not row.why:
        return str(said or "")
    return _now("The gateway refused it (%(code)s).") % {"code": row.why}


MESSAGES = (
    Column("recorded_at", _("When"), Kind.INSTANT),
    Column("kind", _("What"), value=lambda row: row.get_kind_display()),
    Column("loan", _("Loan"), value=lambda row: row.loan.code),
    Column("state", _("State"), value=lambda row: State(row.get_state_display(), TONES[row.state])),
    Column("why", _("Why not"), value=why_not),
)


class PersonLine(RecordPage):
    """What is sent to a person's telephone."""

    model = Person
    permission = "lending.view_line"
    person_path = "pk"

    def live(self) -> BorrowerLine | None:
        """The line that stands now."""
        rows = BorrowerLine.objects.visible_to(self.staff).filter(person_id=self.record.pk)
        return rows.filter(ended_at=None).first()

    def header(self) -> Header:
        """Whether she gets messages, and the step to change it."""
        line = self.live()
        if line is None:
            step = Action(
                _("Start messages"), "lending:line_start", services.KEEP, (self.record.pk,)
            )
            state = State(_("No messages"), Tone.PLAIN)
        else:
            step = Action(_("End messages"), "lending:line_end", services.KEEP, (line.pk,))
            state = State(_("Gets messages"), Tone.GOOD)
        return Header(str(self.record), _("Messages to her telephone"), state=state, primary=step)

    def facts(self) -> Sequence[FactGroup]:
        """What she agreed to."""
        line = self.live()
        if line is None:
            return ()
        facts = [
            Fact(_("She agreed on"), line.agreed_date),
            Fact(_("How"), line.get_agreed_how_display()),
            Fact(_("Language"), line.get_language_display()),
            Fact(_("Started by"), str(line.started_by)),
        ]
        return (FactGroup(_("What she agreed to"), facts),)

    def tables(self) -> Sequence[Table]:
        """The last messages; their words are not kept."""
        rows = LineMessage.objects.visible_to(self.staff).filter(line__person_id=self.record.pk)
        empty = EmptyState(
            _("No message yet"),
            _(
                "She gets a receipt for each payment, and a reminder two days before one is due."
                " She may write BALANCE to ask, and STOP to end it."
            ),
        )
        shown = rows.select_related("loan")[:SHOWN]
        return (Table(_("Messages"), MESSAGES, shown, empty=empty),)


class LineForm(HouseForm):
    """What she agreed to, and in which language she reads."""

    language = forms.ChoiceField(label=_("Language of the messages"), choices=settings.LANGUAGES)
    agreed_date = DayField(label=_("She agreed on"))
    agreed_how = forms.ChoiceField(label=_("How she agreed"), choices=HOW)


class StartLine(FormPage):
    """She wants messages on her telephone."""

    form_class = LineForm
    permission = services.KEEP
    subject_model = Person
    person_path = "pk"
    title = _("Start messages to her telephone")
    intro = _(
        "Only if she wants them. Tell her: a message says the number of her loan and amounts, never"
        " her name. Whoever holds her telephone can read it. She can end it by writing STOP."
    )
    verb = _("Start messages")

    def initial(self) -> dict[str, Any]:
        """Today, in her language where we speak it."""
        known = dict(settings.LANGUAGES)
        spoken = str(getattr(self.subject, "language", "") or "")
        language = spoken if spoken in known else settings.LANGUAGE_CODE
        return {"agreed_date": timezone.localdate(), "language": language}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        how = ConsentMethod(values["agreed_how"])
        return services.start_line(
            acting_staff=self.staff,
            person=self.subject,
            id=self.new_id,
            **{**values, "agreed_how": how},
        )

    def success_url(self, result: Any) -> str:
        """The page of her messages."""
        return reverse("lending:line", args=[result.person_id])


class EndForm(HouseForm):
    """Nothing is asked."""


class EndLine(FormPage):
    """She wants no messages any more."""

    form_class = EndForm
    permission = services.KEEP
    subject_model = BorrowerLine
    person_path = "person"
    title = _("End messages to her telephone")
    intro = _("No message is sent any more, not even one that waits.")
    verb = _("End messages")

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.end_line(acting_staff=self.staff, line=self.subject)

    def success_url(self, result: Any) -> str:
        """The page of her messages."""
        return reverse("lending:line", args=[result.person_id])


@csrf_exempt
@login_not_required
@require_POST
def incoming(request: HttpRequest) -> HttpResponse:
    """Take over what somebody wrote, from the gateway, which shows the key it was given. The answer
    is the same for every number; what is to be told goes to the number on the record.
    """
    shown = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.SMS_KEY}"
    if not settings.SMS_KEY or not hmac.compare_digest(shown.encode(), wanted.encode()):
        raise Http404
    phone, words = _read(request.body[: LARGEST + 1])
    if phone and words is not None:
        if not services.is_stop(words):  # whoever wants none any more is heard however many write
            require_within(request, "sync", who="sms-gateway")
        try:
            found = lookup_hash(Person, "phone_hash", phone)
        except Refusal:
            return HttpResponse(status=204)
        services.answer(found, words, timezone.now())
    return HttpResponse(status=204)


def _read(body: bytes) -> tuple[str, str | None]:
    """The number and the words of {"from": ..., "text": ...}; nothing where it is not that."""
    try:
        told = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        told = None
    phone, words = (told.get("from"), told.get("text")) if isinstance(told, dict) else ("", None)
    if not isinstance(phone, str) or not isinstance(words, str):
        return "", None
    return phone, words
