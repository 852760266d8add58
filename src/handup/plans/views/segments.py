"""The page of enterprises by working capital: at their plan, now, how many moved; and the classes
they are sorted by.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage, HouseForm, MoneyField
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import as_decimal, format_number, format_share
from handup.org.web.pages import Action, FiguresPage, Header, Table
from handup.plans import services
from handup.plans.rules.segments import Move, SegmentLine
from handup.plans.segments import SegmentMoves, segment_moves
from handup.projects.models import Programme

MOVES = {
    Move.UP: _("moved up"),
    Move.SAME: _("stayed in their class"),
    Move.DOWN: _("moved down"),
    Move.UNKNOWN: _("not known: no visit told stock and cash"),
}


class SegmentPage(FiguresPage):
    """Enterprises of each programme by class, then and now."""

    permission = "plans.view_plan"
    title = _("Enterprises by working capital")
    intro = _("Working capital by the plan; now: stock and cash as told at the newest visit.")

    def header(self) -> Header:
        """With the way to set the classes of the programme chosen, or of the only one."""
        rows = Programme.objects.visible_to(self.staff)
        if chosen := self.request.session.get("programme"):
            rows = rows.filter(pk=chosen)
        only = list(rows.order_by("code")[:2])
        act = None
        if len(only) == 1:
            act = Action(
                _t("Set the classes"), "plans:set_segments", "plans.set_segments", (only[0].pk,)
            )
        return Header(self.title, self.intro, primary=act)

    @cached_property
    def told(self) -> list[tuple[Programme, SegmentMoves]]:
        """Of each programme she may see that has classes."""
        rows = Programme.objects.visible_to(self.staff).filter(segments__isnull=False)
        if chosen := self.request.session.get("programme"):
            rows = rows.filter(pk=chosen)
        pairs = [(row, segment_moves(self.staff, row)) for row in rows.distinct().order_by("code")]
        return [(row, found) for row, found in pairs if found is not None]

    def tables(self) -> Sequence[Table]:
        """Each programme: its classes, then the moves."""
        if not self.told:
            empty = EmptyState(
                _("No programme has classes by working capital"),
                _("They are set on this page for each programme."),
            )
            return [Table(self.title, (), (), empty)]
        found = []
        for programme, told in self.told:
            classes = (
                Column("name", _("Class")),
                Column("at_plan", _("By their plan"), Kind.NUMBER),
                Column("now", _("Now"), Kind.NUMBER),
            )
            moves = (
                Column("what", _("Since the plan"), value=lambda row: row[0]),
                Column("count", _("Enterprises"), Kind.FIGURE, value=lambda row: row[1]),
                Column("share", _("Of all"), Kind.FIGURE, value=lambda row: row[2]),
            )
            rows = [
                (
                    MOVES[move],
                    format_number(told.moves[move]),
                    format_share(told.moves[move], told.enterprises),
                )
                for move in Move
            ]
            found += [
                Table(str(programme), classes, told.classes),
                Table(_t("{name}: moves").format(name=programme), moves, rows),
                _side_by_side(programme, told),
            ]
        return found


def _side_by_side(programme: Programme, told: SegmentMoves) -> Table:
    """Coached and not coached beside each other; nobody was drawn by lot, so no effect is told."""
    columns = (
        Column("who", _("Visits of a coach"), value=lambda row: row[0]),
        *(Column(move.value, MOVES[move], Kind.NUMBER, value=_count_of(move)) for move in Move),
    )
    rows = [(_t("at least one"), told.coached), (_t("none"), told.uncoached)]
    title = _t("{name}: coached and not coached, side by side; this tells no effect")
    return Table(title.format(name=programme), columns, rows)


def _count_of(move: Move) -> Callable[[Any], int]:
    """The column of a move."""
    return lambda row: int(row[1][move])


class SegmentForm(HouseForm):
    """The classes of a programme, one a line."""

    lines = forms.CharField(
        label=_("Classes, one a line: code; name; from which amount"),
        help_text=_("The first begins at 0. For example EMERGING; emerging; 15000."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, *args: Any, programme: Programme, **options: Any) -> None:
        """Amounts are in the programme's currency."""
        super().__init__(*args, **options)
        self.amount = MoneyField(currency=programme.currency, least_units=0)

    def clean_lines(self) -> list[tuple[SegmentLine, str]]:
        """The classes in the order of their amounts, each up to the next."""
        told: list[tuple[int, str, str]] = []
        for line in filter(str.strip, self.cleaned_data["lines"].splitlines()):
            parts = [part.strip() for part in line.split(";")]
            code = parts[0].upper()
            plain = code.replace("_", "").isalnum() and code.isascii() and len(code) <= 20
            if len(parts) != 3 or not parts[1] or len(parts[1]) > 80 or not plain:
                raise forms.ValidationError(
                    _("Write %(line)s as code; name; amount."), params={"line": line[:60]}
                )
            told.append((self.amount.clean(parts[2]), code, parts[1]))
        if len({code for _from, code, _name in told}) < len(told):
            raise forms.ValidationError(_("A code stands on two lines."))
        told.sort(key=lambda row: row[0])
        ends: list[int | None] = [*(row[0] for row in told[1:]), None]
        return [
            (SegmentLine(code, units, end), name)
            for (units, code, name), end in zip(told, ends, strict=True)
        ]


class SetSegments(FormPage):
    """Set the classes of a programme by working capital."""

    subject_model = Programme
    subject: Programme
    form_class = SegmentForm
    permission = "plans.set_segments"
    title = _("Set the classes by working capital")
    intro = _("They take the place of the classes before; plans stay as they are.")
    verb = _("Set them")

    def form_options(self) -> dict[str, Any]:
        """Which programme."""
        return {"programme": self.subject}

    def initial(self) -> dict[str, Any]:
        """The classes as they stand."""
        rows = self.subject.segments.order_by("from_units")
        lines = [
            f"{row.code}; {row.name}; {as_decimal(row.from_units, row.currency):f}" for row in rows
        ]
        return {"lines": "\n".join(lines)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set them."""
        return services.set_segments(
            acting_staff=self.staff,
            programme=self.subject,
            currency=self.subject.currency,
            table=values["lines"],
        )

    def success_url(self, result: Any) -> str:
        """To the page of classes."""
        return reverse("plans:segments")
