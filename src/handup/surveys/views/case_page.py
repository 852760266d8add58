"""The page of a case: how it was looked for, the ways to the form and to paper."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.org.permissions import may
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_day
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tone,
)
from handup.surveys.models import Case
from handup.surveys.queries import has_answers
from handup.surveys.rules.codes import FOUND_INELIGIBLE, Outcome, RoundState
from handup.surveys.services.due import sent_back_to
from handup.surveys.views import lists

# Who was interviewed, refused, died, moved away or is not to be asked is not asked any more.
NOT_ASKED = FOUND_INELIGIBLE | {Outcome.INTERVIEWED, Outcome.REFUSED, Outcome.MOVED}


class CasePage(RecordPage):
    """One case: how it was looked for, the way to the form."""

    model = Case
    permission = "surveys.view_case"
    related = ("round__questionnaire", "person", "household", "enterprise", "interviewer", "area")
    person_path = "person_id"

    def header(self) -> Header:
        """Who, and the form."""
        row = self.record
        live = row.round.state == RoundState.OPEN
        ended = row.outcome in NOT_ASKED
        fill = Action(
            _("Ask the questions"), "surveys:case_fill", "surveys.record_submission", args=(row.pk,)
        )
        more = (
            Action(
                _("Record a try"), "surveys:contact_new", "surveys.record_contact", args=(row.pk,)
            ),
            Action(
                _("End without an interview"),
                "surveys:case_outcome",
                "surveys.record_outcome",
                args=(row.pk,),
            ),
        )
        paper = Action(
            _("Type it from paper"), "surveys:case_paper", "surveys.enter_paper", args=(row.pk,)
        )
        withdraw = Action(
            _("Withdraw the answers"),
            "surveys:case_withdraw",
            "surveys.withdraw_answers",
            args=(row.pk,),
        )
        instead = Action(
            _("Ask somebody else instead"),
            "surveys:case_replace",
            "surveys.replace_case",
            args=(row.pk,),
        )
        unmet = row.outcome not in {"", Outcome.INTERVIEWED}
        replaceable = live and unmet and not Case._base_manager.filter(replaces=row).exists()
        label = row.get_outcome_display() if row.outcome else _("still open")
        return Header(
            str(row.subject),
            subtitle=row.round.name,
            state=State(label, lists.OUTCOME_TONES.get(row.outcome, Tone.PLAIN)),
            primary=fill if live and not ended else None,
            actions=(
                *((paper, *more) if live and not ended else ()),
                *((instead,) if replaceable else ()),
                *((withdraw,) if has_answers(row) else ()),
            ),
            crumbs=(Crumb(_("People to ask"), reverse("surveys:case_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The case."""
        row = self.record
        _ids, why = sent_back_to([row]).get(row.pk, ((), ""))
        return [
            FactGroup(
                _("Case"),
                [
                    *([Fact(_("Sent back"), why)] if why and not row.outcome else []),
                    Fact(_("Interviewer"), row.interviewer),
                    Fact(_("Due"), row.due_date),
                    Fact(_("Ended on"), row.outcome_date),
                    Fact(_("Stratum"), self._stratum()),
                    *self._places(),
                ],
            )
        ]

    def _places(self) -> list[Fact]:
        """Whose place it takes and who takes its place, as far as the reader may know of them."""
        row = self.record
        seen = Case.objects.visible_to(self.staff).select_related(
            "person", "household", "enterprise"
        )
        found = []
        for label, other in (
            (_("In the place of"), seen.filter(pk=row.replaces_id).first()),
            (_("Asked instead"), seen.filter(replaces=row).first()),
        ):
            if other is not None:
                href = reverse("surveys:case_detail", args=[other.pk])
                found.append(Fact(label, str(other.subject), href=href))
        if row.replaces_id:
            found.append(Fact(_("Why somebody else is asked"), row.replace_reason))
        return found

    def _stratum(self) -> object:
        """What she was drawn for; an area by its name."""
        row = self.record
        return row.area if row.stratum == str(row.area_id) else row.stratum

    def tables(self) -> Sequence[Table]:
        """Tries and, for those who may see them, sets of answers."""
        found = [
            Table(
                _("Tries to reach"),
                (
                    Column("attempt_date", _("Day"), Kind.DATE),
                    Column("way", _("How"), value=lambda row: row.get_way_display()),
                    Column("result", _("Result")),
                ),
                self.record.attempts.all(),
                empty=EmptyState(_("No tries yet")),
            )
        ]
        papers = list(self.record.papers.select_related("entered_by"))
        if papers:
            typed = (
                Column("entered_by", _("Typed by")),
                Column("kept_at", _("Kept"), Kind.INSTANT),
                Column("state", _("State"), value=lambda row: row.get_state_display()),
                Column("compared", _("Places compared"), Kind.NUMBER),
                Column(
                    "differing",
                    _("Typed otherwise the first time"),
                    Kind.NUMBER,
                    value=lambda row: len(row.differing),
                ),
            )
            found.append(Table(_("Typed from paper"), typed, papers))
        if may(self.staff, "surveys.view_submission", self.record):
            columns = (
                Column(
                    "answered_date",
                    _("Answered"),
                    Kind.LINK,
                    value=lambda row: format_day(row.answered_date),
                    url_name="surveys:submission_detail",
                ),
                Column("state", _("State"), Kind.STATE, tones=lists.SUBMISSION_TONES),
            )
            found.append(Table(_("Sets of answers"), columns, self.record.submissions.all()))
        return found
