"""The way from a vacancy to a job that lasts, jobs by kind and the share aimed at, whom to look at
now.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets.forms import jobs as f
from handup.markets.models import JobPlacement, JobTarget
from handup.markets.models import labels as lb
from handup.markets.queries import jobs as queries
from handup.markets.services import jobs as services
from handup.markets.views.acts import NewPage, today
from handup.org import reads
from handup.org.web.charts import Bar, Chart
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_number, format_share
from handup.org.web.pages import Crumb, FiguresPage, Header, Table, Tile


class SetJobTarget(NewPage):
    """Set which share of its jobs a programme aims at."""

    form_class = f.TargetForm
    permission = "markets.set_job_target"
    title = _("Set the share of jobs aimed at")
    verb = _("Set")

    def perform(self, values: dict[str, Any]) -> JobTarget:
        """Set it."""
        return services.set_job_target(
            acting_staff=self.staff,
            programme=values["programme"],
            job_kind=lb.JobKind(values["job_kind"]),
            share_bps=values["share"],
        )

    def success_url(self, result: JobTarget) -> str:
        """The figures."""
        return reverse("markets:job_figures")


class JobFigures(FiguresPage):
    """The way from a vacancy to a job that lasts, jobs by kind, whom to look at now."""

    permission = "markets.view_match"
    title = _("Who is still in the job")

    @cached_property
    def rows(self) -> list[JobPlacement]:
        """The placements the reader may see."""
        return queries.placements(self.staff)

    def header(self) -> Header:
        """The way back; set an aim."""
        aim = Action(
            _("Set the share of jobs aimed at"), "markets:job_target", "markets.set_job_target"
        )
        crumbs = (Crumb(_("Vacancies"), reverse("markets:vacancy_list")),)
        return Header(self.title, actions=(aim,), crumbs=crumbs)

    def tiles(self) -> Sequence[Tile]:
        """Who stayed, and the share of each kind of work."""
        way = queries.way(self.staff, self.rows, on=today())
        kinds = {code.value: word for code, word in lb.JOB_KIND.items()}
        stayed = [
            Tile(
                _t("Still there after %(months)s months") % {"months": one.month},
                format_share(one.still, one.looked),
                of=_t("%(some)s of %(all)s looked at, %(due)s due")
                % {"some": one.still, "all": one.looked, "due": one.due},
                how=_t("Of the placements whose day has come and that somebody looked at."),
            )
            for one in way.stayed
        ]
        told = queries.balances_of(self.staff, self.rows)
        shares = [
            Tile(
                _t("Jobs %(kind)s") % {"kind": kinds[one.kind]}
                + (f" \u00b7 {programme}" if len(told) > 1 else ""),
                format_share(one.jobs, one.all_jobs),
                of=f"{format_number(one.jobs)} {Tile.of_all(one.all_jobs)}",
                change=""
                if one.target_bps is None
                else _t("aimed at %(share)s") % {"share": format_share(one.target_bps, 10_000)},
                tone=Tone.PLAIN if one.reached is None else Tone.GOOD if one.reached else Tone.WARN,
            )
            for programme, balances in told
            for one in balances
        ]
        return [*stayed, *shares]

    def charts(self) -> Sequence[Chart]:
        """From places to jobs that last."""
        way = queries.way(self.staff, self.rows, on=today())
        if not way.places:
            return []
        title = _t("%(placed)s of %(proposed)s persons proposed began a job") % {
            "placed": format_number(way.placed),
            "proposed": format_number(way.proposed),
        }
        bars = [
            Bar(_t("Places offered"), way.places),
            Bar(_t("Persons proposed"), way.proposed),
            Bar(_t("Began"), way.placed),
            *(
                Bar(_t("Still there after %(months)s months") % {"months": one.month}, one.still)
                for one in way.stayed
            ),
        ]
        return [Chart(title, _t("Places and persons"), bars=bars)]

    def tables(self) -> Sequence[Table]:
        """Whom to look at now."""
        due = queries.looks_due(self.rows, on=today())[:100]
        reads.note(self.request, persons=[look.placement.person_id for look in due], highest="P")
        return [
            Table(
                _("To be looked at"),
                (
                    Column(
                        "person",
                        _("Person"),
                        value=lambda look: look.placement.person,
                        href=lambda look: reverse(
                            "markets:match_detail", args=[look.placement.match_id]
                        ),
                    ),
                    Column("work", _("Work"), value=lambda look: look.placement.match.vacancy),
                    Column("month", _("Months after the first day"), Kind.NUMBER),
                    Column("due", _("Due on"), Kind.DATE),
                ),
                due,
                EmptyState(_("Nobody now")),
            )
        ]
