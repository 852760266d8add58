"""The API door of `results`."""

from ninja import Router

router = Router(tags=["results"])
