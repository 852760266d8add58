"""The API door of `markets`."""

from ninja import Router

router = Router(tags=["markets"])
