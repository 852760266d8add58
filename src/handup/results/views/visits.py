"""The pack for a visit: one button gives the way of the programme, its figures as partners have
them, its lessons and the photos of who agreed, to print in a language of the visitor
(rulings 40)."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Column, Kind
from handup.org.web.money import format_day, format_number, format_percent
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, PaperPage, Table
from handup.projects.models import Lesson, Phase, Programme
from handup.results import services
from handup.results.drafting import LEARNED
from handup.results.models import VisitPhoto
from handup.results.releases import published_report
from handup.results.report import Report, ReportLine
from handup.results.services.visits import PACK, shown_photos
from handup.results.wording import both_counts, interval_text, shown_value, word

MOST_LESSONS = 12


class VisitPack(PaperPage):
    """What somebody who visits a programme takes home."""

    model = Programme
    permission = PACK
    template = "results/visit_pack.html"
    record: Programme

    def rows(self) -> Any:
        """The programmes her grants for it reach."""
        return Programme.objects.reached_with(self.staff, PACK)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The pack in the language asked for, else in the reader's own."""
        asked = request.GET.get("language", "")
        known = {code for code, _name in settings.LANGUAGES}
        with override(asked if asked in known else get_language()):
            return super().get(request, *args, **kwargs)

    @cached_property
    def report(self) -> Report:
        """The figures as everybody outside has them: told once, they stay."""
        return published_report(self.record)

    def header(self) -> Header:
        """The programme, and the day its figures speak of."""
        return Header(
            self.record.title,
            subtitle=gettext("For your visit · figures up to %(day)s")
            % {"day": format_day(self.report.as_of)},
            actions=(
                Action(_("Add a photo"), "results:visit_photo_new", PACK, args=(self.record.pk,)),
            ),
            crumbs=(
                Crumb(_("Concrete benefits"), reverse("results:benefits", args=[self.record.pk])),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What the programme is."""
        row = self.record
        phases = Phase.objects.filter(programme=row).order_by("start_date", "code")
        return [
            FactGroup(
                _("The programme"),
                [
                    Fact(_("What it is"), row.summary),
                    Fact(_("What it wants"), row.objectives),
                    *(Fact(phase.title, phase.get_status_display()) for phase in phases),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Its way, its figures, its lessons."""
        report = self.report
        tables = []
        if report.funnel:
            tables.append(
                Table(
                    _("From open day to job"),
                    (
                        Column("step", _("Step"), value=lambda row: word(row.step)),
                        Column(
                            "count",
                            _("Persons"),
                            Kind.FIGURE,
                            value=lambda row: format_number(row.count),
                        ),
                        Column(
                            "share",
                            _("Of the step before"),
                            Kind.FIGURE,
                            value=lambda row: format_percent(row.share),
                        ),
                    ),
                    report.funnel,
                )
            )
        figures = Table(
            _("What came of it"),
            (
                Column("name", _("Figure"), value=lambda line: gettext(line.name)),
                Column("value", _("Value"), Kind.FIGURE, value=shown_value),
                Column("of", _("Counted"), value=_counted),
            ),
            report.lines,
        )
        return [*tables, figures, *self._lessons()]

    def _lessons(self) -> list[Table]:
        rows = Lesson.objects.visible_to(self.staff).filter(
            programme=self.record, state__in=LEARNED
        )[:MOST_LESSONS]
        columns = (Column("statement", _("What was learned")),)
        return [Table(_("Lessons"), columns, rows)] if rows else []

    def context(self) -> dict[str, Any]:
        """The photos, and the languages it can be printed in."""
        photos = shown_photos(self.staff, self.record, timezone.localdate())
        persons = [photo.person_id for photo in photos if photo.person_id is not None]
        reads.note(self.request, persons=persons, action="PRINT", highest="P")
        can_remove = may(self.staff, PACK, self.record)
        return {
            "photos": [
                {
                    "src": reverse("org:file", args=[photo.file_id]),
                    "caption": photo.caption,
                    "day": photo.taken_date,
                    "remove": reverse("results:visit_photo_remove", args=[photo.pk])
                    if can_remove
                    else "",
                }
                for photo in photos
            ],
            "languages": [(code, name, f"?language={code}") for code, name in settings.LANGUAGES],
        }


def _counted(line: ReportLine) -> str:
    """Both counts of a share, and the interval of a sample."""
    return "; ".join(text for text in (both_counts(line), interval_text(line)) if text)


class PhotoForm(HouseForm):
    """A photo and who can be recognised on it."""

    caption = forms.CharField(label=_("What it shows"), max_length=200)
    taken_date = DayField(label=_("Taken on"))
    photo = forms.FileField(
        label=_("Photo"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
    number = forms.CharField(
        label=_("Registration number of the one person who can be recognised"),
        max_length=40,
        required=False,
        help_text=_("Leave it empty where nobody can be recognised. She must have agreed."),
    )


class PhotoNew(FormPage):
    """Keep a photo for visitors."""

    form_class = PhotoForm
    permission = PACK
    title = _("Add a photo")
    intro = _("Visitors see it only as long as who is on it agrees.")
    verb = _("Keep the photo")
    subject_model = Programme
    subject: Programme

    def perform(self, values: dict[str, Any]) -> VisitPhoto:
        """Keep it."""
        photo = values["photo"]
        return services.add_visit_photo(
            acting_staff=self.staff,
            programme=self.subject,
            caption=values["caption"],
            taken_date=values["taken_date"],
            content=photo.read(),
            file_name=photo.name,
            number=values["number"],
            id=self.new_id,
        )

    def success_url(self, result: VisitPhoto) -> str:
        """The pack."""
        return reverse("results:visit_pack", args=[self.subject.pk])


class PhotoRemove(FormPage):
    """Take a photo away."""

    form_class = HouseForm
    permission = PACK
    title = _("Take the photo away")
    verb = _("Take it away")
    subject_model = VisitPhoto
    subject: VisitPhoto

    def perform(self, values: dict[str, Any]) -> Programme:
        """Take it away."""
        programme = self.subject.programme
        services.remove_visit_photo(acting_staff=self.staff, photo=self.subject)
        return programme

    def success_url(self, result: Programme) -> str:
        """The pack."""
        return reverse("results:visit_pack", args=[result.pk])
