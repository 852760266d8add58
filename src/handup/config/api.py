"""The API door: one OpenAPI document over every domain's router."""

from importlib import import_module

from ninja import NinjaAPI

API_DOMAINS = (
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
    "desk",
)
api = NinjaAPI(title="Handup", version="1", docs_url=None)
for domain in API_DOMAINS:
    api.add_router(f"/{domain}/", import_module(f"handup.{domain}.api").router)
