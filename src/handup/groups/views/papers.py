"""Papers of a group as PDF: minutes, a passbook page, member cards."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import slugify

from handup.groups.models import Group, Meeting, Member
from handup.groups.paper import cards_pdf, empty_sheet_pdf, minutes_pdf, passbook_pdf
from handup.groups.views.members_seen import note_members
from handup.org.permissions import require
from handup.org.web.pages import Header, PaperPage


class Paper(PaperPage, ABC):
    """A record set on paper; only its reader's part of it."""

    name: ClassVar[str]
    record: Any

    def header(self) -> Header:
        """The paper has no page beside it."""
        return Header(str(self.record))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The sheet."""
        self.staff = request.user
        require(self.staff, self.permission)
        record = self.rows().filter(pk=kwargs["pk"]).first()
        if record is None:
            raise Http404
        answer = HttpResponse(self.pdf(record), content_type="application/pdf")
        name = f"{slugify(str(record)) or self.name}-{self.name}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        return answer

    @abstractmethod
    def pdf(self, record: Any) -> bytes:
        """Set it."""

    def seen(self, group: Group) -> list[Member]:
        """The members of a group that the reader may see, noted in the read log."""
        rows = Member.objects.visible_to(self.staff).filter(group=group)
        members = list(rows.select_related("person", "member_group").order_by("member_no"))
        note_members(self.request, members)
        return members


class Minutes(Paper):
    """The minutes of a meeting with its slip and share-out list."""

    model = Meeting
    permission = "groups.view_member"
    related = ("group",)
    name = "minutes"

    def pdf(self, record: Meeting) -> bytes:
        """Set the minutes."""
        return minutes_pdf(record, self.seen(record.group))


class Passbook(Paper):
    """A member's passbook page."""

    model = Member
    permission = "groups.view_member"
    related = ("group", "person", "member_group")
    name = "passbook"

    def pdf(self, record: Member) -> bytes:
        """Set the page."""
        note_members(self.request, [record])
        return passbook_pdf(record)


class Cards(Paper):
    """The cards of a group's members."""

    model = Group
    permission = "groups.view_member"
    name = "cards"

    def pdf(self, record: Group) -> bytes:
        """Set the cards of those who are members."""
        members = [member for member in self.seen(record) if member.left_date is None]
        return cards_pdf(record, members)


class EmptySheet(Paper):
    """An empty sheet for a meeting, to write on by hand."""

    model = Group
    permission = "groups.view_member"
    name = "sheet"

    def pdf(self, record: Group) -> bytes:
        """Set a line for each who is a member."""
        members = [member for member in self.seen(record) if member.left_date is None]
        return empty_sheet_pdf(record, members)
