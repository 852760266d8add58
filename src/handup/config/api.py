"""The API door: one OpenAPI document over every domain's router, at /api/."""

from functools import cache
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI

from handup.org.interface import PROBLEM, Problem, SessionAuth, TokenAuth, handle_problems

API_DOMAINS = (
    "org",
    "ledger",
    "projects",
    "people",
    "training",
    "surveys",
    "plans",
    "markets",
    "groups",
    "lending",
    "results",
    "sync",
    "desk",
)
PREFIX = "/api/v1/"
api = NinjaAPI(
    title="Handup",
    version="1",
    description="The same services as the pages, with the same permissions.",
    docs_url=None,
    openapi_url=None,
    auth=[TokenAuth(), SessionAuth()],
)
handle_problems(api)
for domain in API_DOMAINS:
    api.add_router(f"/{domain}/", import_module(f"handup.{domain}.api").router)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document, every operation with its problems. Made once, in a second: to
    be read only.
    """
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix=PREFIX)
    schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = (
        Problem.model_json_schema()
    )
    answer = {
        "description": "Refused, with the reason",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation.setdefault("responses", {})["default"] = answer
    return schema


def openapi(request: HttpRequest) -> HttpResponse:
    """Serve the document as JSON."""
    return JsonResponse(document())


def reference(request: HttpRequest) -> HttpResponse:
    """Show the document as a plain page, without any script."""
    tags: dict[str, list[dict[str, str]]] = {}
    for address, operations in document()["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or [""])[0]
            tags.setdefault(tag, []).append(
                {
                    "method": method.upper(),
                    "address": address,
                    "title": operation.get("summary", ""),
                    "text": operation.get("description", ""),
                }
            )
    return render(request, "org/api.html", {"tags": sorted(tags.items())})


def _urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Return the addresses; each operation asks for its own sign-in, so the pages' one
    steps back.
    """
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            vars(pattern.callback)["login_required"] = False  # what login_not_required sets
    return patterns, app, namespace


API_URLS = _urls()
