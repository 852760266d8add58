"""What every domain's api.py is built from: who asks, the key of a write, pages of a list,
problems.

The caller is a token (`Authorization: Bearer hu_...`) or a signed-in browser with its CSRF token.
Either way `request.auth_staff` is the staff user whose grants decide. Refusals become
`application/problem+json` (RFC 9457).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone, translation
from ninja import Header, NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyCookie, HttpBearer
from pydantic import AfterValidator, Field

from handup.kernel.errors import Faults, Refusal
from handup.org import sessions
from handup.org.devices import SameIdOtherContent
from handup.org.limits import TooOften
from handup.org.middleware import API_PREFIX, Middleware, needs_second_factor
from handup.org.models import ApiToken, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.prepared import prepared_records
from handup.org.services.devices import token_hash
from handup.org.web import factor
from handup.org.web.refusals import message_of

M = TypeVar("M", bound=Model)
T = TypeVar("T")

PROBLEM = "application/problem+json"
LARGEST_PAGE = 200
USED_EVERY = timedelta(minutes=5)
READS = frozenset({"GET", "HEAD", "OPTIONS"})

# The key a caller makes once per write and sends again when unsure; it becomes the new record's id.
IdempotencyKey = Annotated[UUID, Header(alias="Idempotency-Key")]
# How a list is asked for: `after` is the `next` of the page before, `limit` at most 200.
After = Annotated[UUID | None, Query(None)]
PageSize = Annotated[int, Query(50, ge=1, le=LARGEST_PAGE)]


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text holds no NUL sign")
    return text


# What a caller may write: bounded, without the sign PostgreSQL refuses; amounts stay exact in JSON.
Text = Annotated[str, Field(max_length=500), AfterValidator(_without_nul)]
WholeText = Annotated[str, Field(max_length=60_000), AfterValidator(_without_nul)]
LongText = Annotated[str, Field(max_length=10_000), AfterValidator(_without_nul)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Units = Annotated[int, Field(gt=-(2**53), lt=2**53)]


class StaffRequest(HttpRequest):
    """A request whose caller is known: annotate an operation's `request` with it."""

    auth_staff: StaffUser


class TokenRefused(Refusal):
    """This token does not reach this part, or may only read."""


class FactorNotFresh(Refusal):
    """Show your second factor again, then repeat this."""


def require_fresh_factor(request: StaffRequest) -> None:
    """Let only a signed-in browser go on whose second factor was shown just now. Raises
    FactorNotFresh, TokenRefused.
    """
    if request.auth_staff.by_token:
        raise TokenRefused
    if factor.is_stale(request):
        raise FactorNotFresh


class Problem(Schema):
    """One refusal, with the field it belongs to and each fault of many."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    request_id: str = ""
    faults: list[dict[str, Any]] = []


class PageOut(Schema, Generic[T]):
    """One page of a list; `next` is asked for with `after`, null at the end."""

    items: list[T]
    next: UUID | None


@prepared_records
def _tokens(key_hash: str) -> QuerySet[ApiToken, ApiToken]:
    """The token of this hash, with whom it acts for and its device."""
    return ApiToken.objects.select_related("staff", "device").filter(key_hash=key_hash)


def token_of(secret: str) -> ApiToken | None:
    """The token a caller bears, whether or not it is live."""
    return next(iter(_tokens(token_hash(secret))), None)


class TokenAuth(HttpBearer):
    """A token of a device or an integration."""

    openapi_description = "A token given by an administrator: `Authorization: Bearer hu_...`"

    def authenticate(self, request: HttpRequest, token: str) -> StaffUser | None:
        """Return the staff user the token acts as; whom a case team hides stays hidden from it, as
        nothing restricted is on a device. Raises TokenRefused outside its scopes.
        """
        row = token_of(token)
        now = timezone.now()
        if row is None or not row.is_live(now) or not row.staff.is_active:
            return None
        if not row.reaches(domain_of(request), writes=request.method not in READS):
            raise TokenRefused
        if row.last_used_at is None or now - row.last_used_at > USED_EVERY:
            ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
        row.staff.by_token = True
        return known_as(request, row.staff)


class SessionAuth(APIKeyCookie):
    """A signed-in browser; writes need its CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> StaffUser | None:
        """Return the staff user signed in, with her second factor where her roles ask for one."""
        staff = request.user
        if not key or not isinstance(staff, StaffUser):
            return None
        if (
            settings.SECOND_FACTOR_REQUIRED
            and not sessions.has_second_factor(request)
            and needs_second_factor(staff)
        ):
            return None
        return known_as(request, staff)


def known_as(request: HttpRequest, staff: StaffUser) -> StaffUser:
    """Note on the request who calls, and speak her language from here on."""
    request.auth_staff = staff  # type: ignore[attr-defined]  # see StaffRequest
    if staff.language in dict(settings.LANGUAGES):
        translation.activate(staff.language)
    return staff


def domain_of(request: HttpRequest) -> str:
    """Return the domain an API address belongs to: /api/v1/<domain>/..."""
    parts = urlsplit(request.path).path.strip("/").split("/")
    return parts[2] if len(parts) > 2 else ""


def page(rows: QuerySet[M], after: UUID | None, limit: int) -> tuple[list[M], UUID | None]:
    """Cut one page out of a list in the order of recording; ids rise with time (UUIDv7)."""
    rows = rows.order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    if isinstance(refusal, NotAllowed | TokenRefused):
        return 403
    if isinstance(refusal, OutOfSight):
        return 404
    if isinstance(refusal, TooOften):
        return 429
    if isinstance(refusal, SameIdOtherContent):
        return 409
    return 422


def problem(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    field: str | None = None,
    faults: Iterable[dict[str, Any]] = (),
) -> HttpResponse:
    """Build one problem."""
    body = {
        "type": f"urn:handup:problem:{code.lower().replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "field": field,
        "request_id": str(getattr(request, "request_id", "")),
        "faults": list(faults),
    }
    return JsonResponse(body, status=status, content_type=PROBLEM)


def refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    """Answer a refusal."""
    faults = refusal.faults if isinstance(refusal, Faults) else ()
    return problem(
        request,
        status=status_of(refusal),
        code=refusal.code,
        title=message_of(refusal),
        field=refusal.field,
        faults=(
            {
                "code": fault.code,
                "message": fault.message,
                "place": fault.place,
                "row": fault.row,
                "column": fault.column,
            }
            for fault in faults
        ),
    )


def invalid(request: HttpRequest, fault: Any) -> HttpResponse:
    """Answer input that does not have the shape the document says; the values are not sent back."""
    faults = [
        {
            "code": str(error.get("type", "")).upper(),
            "message": str(error.get("msg", "")),
            "place": ".".join(str(part) for part in error.get("loc", ())),
        }
        for error in fault.errors
    ]
    return problem(
        request, status=422, code="NOT_VALID", title="The input is not valid.", faults=faults
    )


def not_found(request: HttpRequest, fault: Any) -> HttpResponse:
    """Answer as OutOfSight does, so that nothing tells whether the record exists."""
    return refused(request, OutOfSight())


def not_signed_in(request: HttpRequest, fault: Any) -> HttpResponse:
    """Answer a caller without a live token or session."""
    title = "Sign in, or send a live token."
    return problem(request, status=401, code="NOT_SIGNED_IN", title=title)


def http_fault(request: HttpRequest, fault: Any) -> HttpResponse:
    """Answer what the framework itself refuses."""
    status = int(fault.status_code)
    return problem(request, status=status, code=f"HTTP_{status}", title=str(fault))


class ProblemMiddleware(Middleware):
    """Makes a problem of whatever else fails below /api/v1/: unknown address, wrong
    method, fault.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not request.path.startswith(f"{API_PREFIX}v1/")
            or response.headers.get("Content-Type") == PROBLEM
        ):
            return response
        status = response.status_code
        answer = problem(
            request, status=status, code=f"HTTP_{status}", title=response.reason_phrase
        )
        if "Allow" in response.headers:
            answer.headers["Allow"] = response.headers["Allow"]
        return answer


def handle_problems(api: NinjaAPI) -> None:
    """Answer every expected failure of an API as a problem."""
    from django.http import Http404

    for kind, answer in (
        (Refusal, refused),
        (ValidationError, invalid),
        (Http404, not_found),
        (AuthenticationError, not_signed_in),
        (HttpError, http_fault),
    ):
        api.add_exception_handler(kind, answer)
