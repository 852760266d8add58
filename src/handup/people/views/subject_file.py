"""Everything held of a person who asked for it, on one page to read, print or take away."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import limits, reads
from handup.org.web import factor
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Tone
from handup.people import file
from handup.people.models import SubjectRequest
from handup.people.rules.requests import RequestKind, RequestState
from handup.people.services.requests import RequestNotThere

READ = "people.read_subject_file"
SHOWN_IN = frozenset({RequestState.IDENTIFIED, RequestState.HELD, RequestState.APPROVED})


class SubjectFile(RecordPage):
    """What is held of her, as the case holder gives it to her; only once it is known who asks."""

    model = SubjectRequest
    permission = READ
    related = ("person",)
    person_path = "person_id"
    highest = "S"
    record: SubjectRequest

    def rows(self) -> Any:
        """Requests she may answer."""
        return super().rows().exclude(kind=RequestKind.AUTHORITY.value)

    @cached_property
    def held(self) -> dict[str, list[dict[str, str]]]:
        """What is held, in the language she is answered in. Raises RequestNotThere."""
        if RequestState(self.record.state) not in SHOWN_IN:
            raise RequestNotThere(state=self.record.get_state_display())
        assert self.record.person_id is not None
        return file.whole(self.record.person_id, self.record.language)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or with ?format=json the same for another program, after a fresh factor."""
        if factor.is_stale(request):
            return factor.ask(request)
        shown = super().get(request, *args, **kwargs)
        if request.GET.get("format") != "json":
            return shown
        limits.require_export_left(self.staff)
        purpose = f"subject request {self.record.code}"
        persons = [self.record.person_id]
        reads.note(request, persons=persons, action="EXPORT", highest="S", purpose=purpose)
        text = json.dumps(self.held, ensure_ascii=False, indent=1)
        answer = HttpResponse(text, content_type="application/json; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.record.code}.json"'
        return answer

    def header(self) -> Header:
        """Whose it is, and the way to take it away."""
        row = self.record
        href = reverse("people:subjectrequest_file", args=[row.pk])
        return Header(
            _t("What is held of her"),
            subtitle=str(row.person),
            primary=Action(_("Take it as a file"), href=f"{href}?format=json"),
            crumbs=(
                Crumb(_("Requests about data"), reverse("people:subjectrequest_list")),
                Crumb(row.code, reverse("people:subjectrequest_detail", args=[row.pk])),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What it leaves out."""
        return [
            (
                Tone.INFO,
                _(
                    "Other persons are not named. What lies in a restricted compartment is told by"
                    " the focal point, face to face."
                ),
            )
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Each record under its heading."""
        return [
            FactGroup(heading, [Fact(name, value) for name, value in row.items()])
            for heading, rows in self.held.items()
            for row in rows
        ]
