"""The API door of `demo`."""

from ninja import Router

router = Router(tags=["demo"])
