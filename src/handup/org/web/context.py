"""What every page's frame needs: the rail, the bottom bar, the choosers, the languages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

from handup.org import demonstration
from handup.org.web import navigation

# What Django has no name for, or no own one: the menu is read by who seeks her language in it.
OWN_NAMES = {"mn": "Монгол", "rw": "Ikinyarwanda"}
PSEUDO_LANGUAGES = {"ar-xb": "Pseudo right-to-left"}


def languages() -> list[tuple[str, str]]:
    """Every interface language with its own name for itself."""
    found = []
    for code, _label in settings.LANGUAGES:
        try:
            name = OWN_NAMES.get(code) or get_language_info(code)["name_local"]
        except KeyError:
            name = PSEUDO_LANGUAGES.get(code, code)
        found.append((code, name[:1].upper() + name[1:]))
    return found


class Frame:
    """The frame of one request, worked out only as far as the template asks."""

    def __init__(self, request: HttpRequest) -> None:
        """Read who asks and where she is."""
        self.request = request
        self.staff: Any = getattr(request, "user", None)
        self._parts: tuple[navigation.Part, ...] | None = None

    @property
    def signed_in(self) -> bool:
        """Whether someone is signed in."""
        return bool(self.staff is not None and self.staff.is_authenticated)

    @property
    def parts(self) -> tuple[navigation.Part, ...]:
        """The sections she may open."""
        if self._parts is None:
            path = self.request.path
            self._parts = navigation.parts_for(self.staff, path) if self.signed_in else ()
        return self._parts

    @property
    def here(self) -> navigation.Part | None:
        """The section this page lies in."""
        return next((part for part in self.parts if part.here), None)

    @property
    def rail(self) -> SafeString:
        """The rail as it is drawn."""
        return navigation.drawn("components/rail.html", self.parts, get_language() or "")

    @property
    def phone_bar(self) -> SafeString:
        """The bottom bar as it is drawn."""
        parts = navigation.phone_parts(self.parts)
        return navigation.drawn("components/phone_bar.html", parts, get_language() or "")

    @property
    def search_href(self) -> str:
        """Where the search box leads; empty when nothing answers it."""
        url_name, permission = navigation.search["url_name"], navigation.search["permission"]
        if not url_name or not self.signed_in or not navigation.allowed(self.staff, permission):
            return ""
        return navigation.address(url_name)

    @property
    def choosers(self) -> list[dict[str, Any]]:
        """The choices of the top bar with what is chosen now; one without options is left out."""
        found = []
        for chooser in navigation.choosers if self.signed_in else ():
            options = [(str(code), str(label)) for code, label in chooser.options(self.staff)]
            if options:
                chosen = self.request.session.get(chooser.key, "")
                label = dict(options).get(chosen, "")
                found.append(
                    {"chooser": chooser, "options": options, "chosen": chosen, "label": label}
                )
        return found

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The interface languages."""
        return languages()

    @property
    def demonstration(self) -> dict[str, Any] | None:
        """On a demonstration at this machine only: its sign-ins, or the code asked for now."""
        if not demonstration.is_here(self.request) or not demonstration.is_demonstration():
            return None
        sign_ins = demonstration.sign_ins()
        stage = getattr(self.request, "_login_stage", None)
        staff = stage.login.user if stage is not None else self.staff
        username = getattr(staff, "username", "")
        code = next((s.code() for s in sign_ins if s.username == username), "")
        return {"sign_ins": sign_ins, "code": code}

    @property
    def request_id(self) -> str:
        """The id under which the log knows this request."""
        return str(getattr(self.request, "request_id", ""))


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the frame."""
    return {"frame": SimpleLazyObject(lambda: Frame(request))}
