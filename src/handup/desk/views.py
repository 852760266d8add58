"""Where a staff user lands after signing in: the first page of her rail."""

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from handup.org.web.navigation import parts_for


class Home(View):
    """Lead to the first page her roles may open; to her own account when there is none."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Redirect."""
        hrefs = [part.href for part in parts_for(request.user, request.path)]
        first = next((href for href in hrefs if href and href != request.path), "")
        return HttpResponseRedirect(first or reverse("account_change_password"))
