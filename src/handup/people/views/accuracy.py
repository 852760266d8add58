"""How well a targeting run reaches the poor, by its validation sample; every figure opens."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import round_to
from handup.org import reads
from handup.org.web.lists import Column, Kind
from handup.org.web.money import format_number, format_percent
from handup.org.web.pages import Crumb, Header, RecordPage, Table, Tile, Tone
from handup.people.models import TargetingRow, TargetingRun
from handup.people.models import labels as lb
from handup.people.queries.targeting import SampleFound, last_visits, sample_found
from handup.people.rules.accuracy import Disparity
from handup.people.views.targeting import GROUP_WORDS, GROUPS, OPENED, TAKEN


def percent(value: Fraction | None) -> str:
    """Percent with one decimal, half up; what is not defined says so."""
    if value is None:
        return _t("not defined")
    return str(format_percent(Decimal(round_to(value * 10)) / 10))


class Accuracy(RecordPage):
    """How well a run reaches the poor, by its validation sample; every figure opens."""

    model = TargetingRun
    permission = "people.view_targeting"
    related = ("programme",)
    record: TargetingRun

    def header(self) -> Header:
        """Which run."""
        back = reverse("people:targetingrun_detail", args=[self.record.pk])
        return Header(
            _("How well it reaches the poor"),
            subtitle=self.record.title,
            crumbs=(
                Crumb(_("Targeting runs"), reverse("people:targetingrun_list")),
                Crumb(self.record.title, back),
            ),
        )

    def _measured(self) -> SampleFound:
        if not hasattr(self, "_found"):
            self._found = sample_found(self.staff, self.record)
        return self._found

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Which groups are reached less."""
        found = self._measured()
        if not found.households:
            return [(Tone.INFO, _t("No household of the sample was visited yet."))]
        return [
            (
                Tone.WARN,
                _t("By %(what)s, the group reached least is reached far less than the best.")
                % {"what": GROUPS[name]},
            )
            for name, disparity in found.accuracy.disparity.items()
            if disparity.alert
        ]

    def tiles(self) -> Sequence[Tile]:
        """The four shares, the hit rate, the balance."""
        found = self._measured()
        base = f"{reverse('people:targetingrow_list')}?run={self.record.pk}"
        shares = (
            ("INCLUSION", found.accuracy.inclusion),
            ("UNDERCOVERAGE", found.accuracy.undercoverage),
            ("LEAKAGE", found.accuracy.leakage),
            ("EXCLUSION", found.accuracy.exclusion),
        )
        words = {part.value: label for part, label in lb.SAMPLE_PART.items()}
        sizes = {part.value: len(ids) for part, ids in found.rows.items()}
        every = f"{base}&part="
        return [
            *(
                Tile(
                    words[code],
                    percent(found.accuracy.share(weight)),
                    of=Tile.of_all(found.households),
                    how=_("Share of the weights of the sample."),
                    href=every + code,
                    n=sizes[code],
                )
                for code, weight in shares
            ),
            Tile(
                _("Hit rate"),
                percent(found.accuracy.hit_rate),
                how=_("Poor and taken, and not poor and left out, together."),
                href=base,
                n=found.households,
            ),
            Tile(
                _("Balanced accuracy (BPAC)"),
                percent(found.accuracy.bpac),
                how=_(
                    "Poor and taken, less the difference between those left out and those taken by"
                    " mistake, in percent of the poor."
                ),
                href=f"{every}INCLUSION",
                n=found.households,
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Coverage by group, and every household of the sample."""
        found = self._measured()
        return [
            *(
                _coverage(self.record, name, part)
                for name, part in found.accuracy.disparity.items()
            ),
            self._sample(),
        ]

    def _sample(self) -> Table:
        visits = last_visits(self.staff, self.record)
        rows = TargetingRow.objects.visible_to(self.staff).filter(pk__in=list(visits))
        reads.note(self.request, persons=rows.values_list("person_id", flat=True), action="VIEW")
        return Table(
            _("Households of the sample"),
            (
                Column(
                    "person",
                    _("Name"),
                    Kind.LINK,
                    href=lambda row: reverse("people:targetingrow_detail", args=[row.pk]),
                ),
                Column("taken", _("Taken"), value=lambda row: TAKEN[row.targeted]),
                Column(
                    "poor",
                    _("Poor"),
                    value=lambda row: _("yes") if visits[row.pk].poor else _("no"),
                ),
            ),
            rows.select_related("person"),
        )


def _coverage(run: TargetingRun, name: str, disparity: Disparity) -> Table:
    """What of each group was taken; the poor of each open."""
    base = f"{reverse('people:targetingrow_list')}?run={run.pk}"
    ratio = disparity.ratio
    told = _t("not compared") if ratio is None else f"{Decimal(round_to(ratio * 100)) / 100:.2f}"
    return Table(
        _("Poor households reached, by %(what)s") % {"what": GROUPS.get(name, name)},
        (
            Column("group", _("Group"), value=lambda line: GROUP_WORDS.get(line[0], line[0])),
            Column(
                "poor",
                _("Poor in the sample"),
                Kind.LINK if name in OPENED else Kind.NUMBER,
                value=lambda line: format_number(line[1].poor_households),
                href=(lambda line: f"{base}&poor_of={name}:{line[0]}") if name in OPENED else None,
            ),
            Column(
                "percent",
                _("Of these taken"),
                Kind.FIGURE,
                value=lambda line: percent(line[1].percent),
            ),
        ),
        sorted(disparity.coverage.items()),
        footer=(_t("Lowest to highest: %(ratio)s") % {"ratio": told},),
    )
