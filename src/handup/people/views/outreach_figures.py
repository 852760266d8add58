"""What outreach cost an enquiry and a registration, by campaign and by channel."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import round_to
from handup.org.web.lists import Column, Kind
from handup.org.web.money import format_money, format_number, format_percent
from handup.org.web.pages import FiguresPage, Table, Tile
from handup.people.models import labels as lb
from handup.people.queries.outreach import Reached, by_campaign, by_channel, heads
from handup.people.views.chosen import chosen_programme
from handup.projects.models import Programme


def _money(units: Fraction | None, currency: str) -> str:
    return _t("not defined") if units is None else format_money(round_to(units), currency)


def _share(row: Reached) -> str:
    if row.conversion is None:
        return _t("not defined")
    return format_percent(Decimal(round_to(row.conversion * 10)) / 10)


COUNTS = (
    Column("enquiries", _("Enquiries"), Kind.NUMBER),
    Column("registrations", _("Became registrations"), Kind.NUMBER),
    Column("conversion", _("Of these"), Kind.FIGURE, value=_share),
)


def _campaign_href(row: Reached) -> str:
    return reverse("people:campaign_detail", args=[row.campaign.pk]) if row.campaign else ""


def _channel_href(row: Reached) -> str:
    channel = row.channel.value if row.channel else ""
    return f"{reverse('people:enquiry_list')}?channel={channel}"


class OutreachFigures(FiguresPage):
    """Cost an enquiry, cost a registration; heads at events stand beside and never add."""

    permission = "people.view_enquiry"
    title = _("What outreach came to")
    intro = _("Channels are what enquirers say. Heads counted at events are no persons.")

    def _programme(self) -> Programme | None:
        chosen = chosen_programme(self.request)
        return Programme.objects.filter(pk=chosen).first() if chosen else None

    def tiles(self) -> Sequence[Tile]:
        """All enquiries and what became of them."""
        rows = by_channel(self.staff, self._programme())
        asked = sum(row.enquiries for row in rows)
        became = sum(row.registrations for row in rows)
        every = reverse("people:enquiry_list")
        return [
            Tile(_("Enquiries"), format_number(asked), href=every),
            Tile(
                _("Became registrations"),
                format_number(became),
                of=Tile.of_all(asked),
                href=f"{every}?state=REGISTERED",
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """By campaign, by channel, and the heads at events."""
        programme = self._programme()
        return [
            Table(
                _("By campaign"),
                (
                    Column(
                        "campaign",
                        _("Campaign"),
                        Kind.LINK,
                        value=lambda row: str(row.campaign or _t("no campaign named")),
                        href=_campaign_href,
                    ),
                    *COUNTS,
                    Column(
                        "an_enquiry",
                        _("Cost an enquiry"),
                        Kind.FIGURE,
                        value=lambda row: _money(row.an_enquiry, row.currency),
                    ),
                    Column(
                        "a_registration",
                        _("Cost a registration"),
                        Kind.FIGURE,
                        value=lambda row: _money(row.a_registration, row.currency),
                    ),
                ),
                by_campaign(self.staff, programme),
            ),
            Table(
                _("By channel"),
                (
                    Column(
                        "channel",
                        _("How they heard of us"),
                        Kind.LINK,
                        value=lambda row: str(lb.CHANNEL[row.channel]),
                        href=_channel_href,
                    ),
                    *COUNTS,
                ),
                by_channel(self.staff, programme),
            ),
            _heads(self.staff, programme),
        ]


def _heads(staff: Any, programme: Programme | None) -> Table:
    columns = (
        Column("title", _("Event"), value=str),
        Column("campaign", _("Campaign")),
        Column("event_date", _("Date"), Kind.DATE),
        Column(
            "heads",
            _("Heads"),
            Kind.NUMBER,
            value=lambda event: sum(
                count for bands in event.heads.values() for count in bands.values()
            ),
        ),
    )
    return Table(_("Heads counted at events, not persons"), columns, heads(staff, programme))
