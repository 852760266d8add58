"""What outreach came to, by channel and by campaign; heads counted at events never add to persons
(people.md 4.1).
"""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, Q

from handup.kernel.money import percent
from handup.org.models import StaffUser
from handup.people.models import Campaign, Enquiry, OutreachEvent
from handup.people.rules.codes import Channel, EnquiryState
from handup.projects.models import Programme


@dataclass(frozen=True, slots=True)
class Reached:
    """Enquiries of a channel or campaign, how many became registrations, and what it cost in
    smallest units of `currency`; None where no cost is known.
    """

    enquiries: int
    registrations: int
    cost_units: int | None = None
    currency: str = ""
    campaign: Campaign | None = None
    channel: Channel | None = None

    @property
    def conversion(self) -> Fraction | None:
        """Registrations in percent of enquiries."""
        return percent(self.registrations, self.enquiries)

    @property
    def an_enquiry(self) -> Fraction | None:
        """Cost of an enquiry; not defined without one."""
        return self._by(self.enquiries)

    @property
    def a_registration(self) -> Fraction | None:
        """Cost of a registration; not defined without one."""
        return self._by(self.registrations)

    def _by(self, count: int) -> Fraction | None:
        if self.cost_units is None or not count:
            return None
        return Fraction(self.cost_units, count)


REGISTERED = Count("pk", filter=Q(state=EnquiryState.REGISTERED.value))


def by_channel(staff: StaffUser, programme: Programme | None = None) -> list[Reached]:
    """Each channel as enquirers name it, in the order of the list; "not known" keeps its row."""
    rows = Enquiry.objects.visible_to(staff)
    rows = rows.filter(programme=programme) if programme else rows
    counted = rows.order_by().values("channel").annotate(asked=Count("pk"), became=REGISTERED)
    found = {row["channel"]: (row["asked"], row["became"]) for row in counted}
    return [
        Reached(*found.get(channel.value, (0, 0)), channel=channel)
        for channel in Channel
        if channel.value in found or channel is Channel.UNKNOWN
    ]


def by_campaign(staff: StaffUser, programme: Programme | None = None) -> list[Reached]:
    """Each campaign with its cost by the enquiries that name it; last, those that name none."""
    rows = Enquiry.objects.visible_to(staff)
    campaigns = Campaign.objects.visible_to(staff)
    if programme:
        rows, campaigns = rows.filter(programme=programme), campaigns.filter(programme=programme)
    counted = rows.order_by().values("campaign").annotate(asked=Count("pk"), became=REGISTERED)
    found: dict[UUID | None, tuple[int, int]] = {
        row["campaign"]: (row["asked"], row["became"]) for row in counted
    }
    listed = [
        Reached(*found.get(row.pk, (0, 0)), row.cost_units, row.currency, row)
        for row in campaigns.order_by("-start_date", "code")
    ]
    return [*listed, Reached(*found.get(None, (0, 0)))]


def heads(staff: StaffUser, programme: Programme | None = None) -> list[OutreachEvent]:
    """Events with the heads counted there, the latest first."""
    rows = OutreachEvent.objects.visible_to(staff).select_related("campaign")
    rows = rows.filter(campaign__programme=programme) if programme else rows
    return list(rows.order_by("-event_date", "-id")[:200])
