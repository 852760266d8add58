"""Around every request, before anything else: is it alive, is it ready, what it counts, one line of
the log, and the statements that were slow. None of it says who or what was asked for.

    /health/live     200 while the process answers
    /health/ready    200 when the database answers, its tables are those of this release and the
                     keys can be read; else 503 and which of them is not
    /metrics         for this machine itself, or with the token of HANDUP_METRICS_TOKEN
"""

import hmac
import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from handup.kernel.errors import Refusal
from handup.org import keys, meters

logger = logging.getLogger("handup.answers")
slow_logger = logging.getLogger("handup.slow")
Answer = Callable[[HttpRequest], HttpResponseBase]
PLAIN = "text/plain; charset=utf-8"
FORM = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP")
"""What a web server in front adds: such a request does not come from this machine itself."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
HOSTS_HERE = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")
"""How whoever asks from this machine names it; a page from elsewhere that leads a browser here, and
most web servers in front, say their own name.
"""
LONGEST = 300
VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_up_to_date: list[bool] = []


def tables_are_of_this_release() -> bool:
    """Whether every change of the tables this release knows was made; one that a later release made
    does no harm. Asked until it is so once.
    """
    if not _up_to_date:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _up_to_date.append(True)
    return True


def not_ready() -> list[str]:
    """What keeps it from answering: words of a list, no more."""
    missing = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not tables_are_of_this_release():
            missing.append("tables")
    except DatabaseError:
        missing.append("database")
    try:
        keys.load()
    except (Refusal, OSError):
        missing.append("keys")
    return missing


def may_read_metrics(request: HttpRequest) -> bool:
    """Whether it is this machine itself that asks, or whoever holds the token."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    host = request.META.get("HTTP_HOST", "localhost").lower()
    here = request.META.get("REMOTE_ADDR") in LOOPBACK and bool(HOSTS_HERE.fullmatch(host))
    return here and not any(name in request.headers for name in FORWARDED)


def _answer(text: str, status: int = 200, kind: str = PLAIN) -> HttpResponse:
    answer = HttpResponse(text, status=status, content_type=kind)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def of_itself(request: HttpRequest) -> HttpResponse | None:
    """The answer to an address of this page; None to any other."""
    if request.path == "/health/live":
        return _answer("alive\n")
    if request.path == "/health/ready":
        missing = not_ready()
        return _answer(f"not ready: {', '.join(missing)}\n", 503) if missing else _answer("ready\n")
    if request.path == "/metrics":
        if not may_read_metrics(request):
            return _answer("not found\n", 404)
        return _answer(meters.text(), kind=FORM)
    return None


class Statements:
    """Counts the statements of one request and tells the slow ones, without any value."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool,
                 context: Any) -> Any:  # fmt: skip
        """Run one, as Django's execute_wrapper asks."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.tell(sql, time.perf_counter() - began)

    def tell(self, sql: object, seconds: float) -> None:
        """Hear of one that was run (`org.statements.Told`)."""
        self.count += 1
        if seconds * 1000 >= settings.SLOW_MS:
            meters.SLOW.add(1)
            tell_slow(sql, seconds)


def tell_slow(sql: object, seconds: float) -> None:
    """One line of the log about a slow statement; what stands in it as a value is left out."""
    words = " ".join(VALUES.sub("?", str(sql)).split())
    if len(words) > LONGEST:
        words = f"{words[:LONGEST]} …"
    slow_logger.warning("slow statement", extra={"ms": round(seconds * 1000), "statement": words})


def part_of(request: HttpRequest) -> str:
    """The part of the program that answered, never the address."""
    match = request.resolver_match
    if match is None:
        return "none"
    return (match.namespace or match.route.split("/")[0] or "home").replace(":", ".")[:40]


def name_of(request: HttpRequest) -> str:
    """The name of the page in the program, never what stood in its address."""
    match = request.resolver_match
    return match.view_name if match is not None and match.view_name else "none"


class WatchMiddleware:
    """Answers for the process itself, and counts and times everything else."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        own = of_itself(request)
        if own is not None:
            return own
        began, worked = time.perf_counter(), time.thread_time()
        statements = Statements()
        with connection.execute_wrapper(statements):
            response = self.get_response(request)
        meters.PROCESSOR.add(time.thread_time() - worked, name_of(request))
        meters.ANSWERS.add(1, name_of(request))
        self._tell(request, response, time.perf_counter() - began, statements.count)
        return response

    def _tell(
        self, request: HttpRequest, response: HttpResponseBase, seconds: float, asked: int
    ) -> None:
        part = part_of(request)
        method = request.method if request.method in METHODS else "OTHER"
        meters.REQUESTS.add(1, part, str(method), f"{response.status_code // 100}xx")
        meters.SECONDS.add(seconds, part)
        meters.STATEMENTS.add(asked)
        if response.status_code >= 500:
            meters.FAULTS.add(1, part)
        logger.debug(
            "answered",
            extra={
                "request_id": getattr(request, "request_id", ""),
                "method": method,
                "page": name_of(request),
                "status": response.status_code,
                "ms": round(seconds * 1000),
                "statements": asked,
            },
        )
