"""The API door of `sync`."""

from ninja import Router

router = Router(tags=["sync"])
