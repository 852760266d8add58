"""Where a round's interviews were, drawn without a map behind: for who may see addresses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from handup.org import reads
from handup.org.permissions import may, require
from handup.org.scope import hidden_from, leave_out, without_opened
from handup.org.web.money import format_number
from handup.org.web.pages import Header, RecordPage, Tone
from handup.people.views.persons import REVEAL
from handup.surveys.models import Answer, Case, Round, Submission
from handup.surveys.rules.codes import QuestionType
from handup.surveys.rules.maps import laid_out
from handup.surveys.services.quality import COUNTS
from handup.surveys.views.quality import to_round

MOST = 2_000
WIDTH, EDGE = 640, 24
SHAPES = ("circle", "square", "diamond", "triangle")
WORDS = {
    "circle": lazy("circle"),
    "square": lazy("square"),
    "diamond": lazy("diamond"),
    "triangle": lazy("triangle"),
}


class RoundMap(RecordPage):
    """Each interview that has a place, by who asked."""

    model = Round
    permission = "surveys.view_case"
    related = ("questionnaire", "programme")
    template = "surveys/map.html"

    def rows(self) -> Any:
        """Rounds she may see, for who may see where people live."""
        require(self.staff, REVEAL)
        return super().rows()

    def header(self) -> Header:
        """The round."""
        return Header(_("Map of interviews"), self.record.name, crumbs=to_round(self.record))

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is drawn."""
        return [
            (
                Tone.INFO,
                _(
                    "Places told in answers, north is up. Nothing is fetched from a map on the"
                    " internet, so that nobody learns where people live."
                ),
            )
        ]

    def context(self) -> dict[str, Any]:
        """The drawing: a dot an interview, a shape an interviewer."""
        places = self._places()
        sheet = laid_out([place for _row, place in places], width=WIDTH, edge=EDGE)
        names = sorted({str(row.interviewer) for row, _place in places})
        shape = {name: SHAPES[number % len(SHAPES)] for number, name in enumerate(names)}
        counts = Counter(str(row.interviewer) for row, _place in places)
        persons = [row.case.person_id for row, _place in places if row.case.person_id]
        reads.note(self.request, persons=persons, action="LIST", highest="S")
        return {
            "sheet": sheet,
            "dots": [
                {
                    "x": dot.x,
                    "y": dot.y,
                    "shape": shape[str(row.interviewer)],
                    "title": f"{row.interviewer}, {row.answered_date}",
                    "href": reverse("surveys:case_detail", args=[row.case_id]),
                }
                for (row, _place), dot in zip(places, sheet.dots, strict=True)
            ],
            "scale": _("{count} km").format(count=format_number(sheet.scale_km))
            if sheet.scale_km >= 1
            else _("{count} m").format(count=format_number(round(sheet.scale_km * 1000))),
            "lines": [
                {"name": name, "shape": WORDS[shape[name]], "count": counts[name]} for name in names
            ],
        }

    def _places(self) -> list[tuple[Submission, tuple[float, float]]]:
        """The newest interviews that count, each with the first place told in it."""
        reader = without_opened(self.staff)
        cases = leave_out(
            Case.objects.visible_to(reader).filter(round=self.record), hidden_from(self.staff)
        )
        kept = Submission._base_manager.filter(case__in=cases, state__in=COUNTS, consented=True)
        sees = may(self.staff, "surveys.view_sensitive", self.record)
        told: Mapping[UUID, tuple[float, float]] = _places_of(kept, sees=sees)
        rows = kept.filter(pk__in=list(told)).select_related("case", "interviewer")
        return [(row, told[row.pk]) for row in rows.defer("body", "faults").order_by("pk")]


def _places_of(kept: Any, *, sees: bool) -> dict[UUID, tuple[float, float]]:
    newest = list(kept.order_by("-received_at").values_list("pk", flat=True)[:MOST])
    found: dict[UUID, tuple[float, float]] = {}
    for start in range(0, len(newest), 500):
        rows = Answer.objects.filter(
            submission__in=newest[start : start + 500], question__type=QuestionType.GEOPOINT
        )
        if not sees:
            rows = rows.filter(question__sensitive=False)
        for row in rows.order_by("question__number", "repeat_index"):
            place = place_in(row.value)
            if place is not None:
                found.setdefault(row.submission_id, place)
    return found


def place_in(text: str) -> tuple[float, float] | None:
    """Degrees north and east of an answer that is a place; nothing for what is none."""
    parts = text.split()
    try:
        north, east = float(parts[0]), float(parts[1])
    except (IndexError, ValueError):
        return None
    return (north, east) if -90 <= north <= 90 and -180 <= east <= 180 else None
