"""The API door of `groups`."""

from ninja import Router

router = Router(tags=["groups"])
