"""The API door of `desk`."""

from ninja import Router

router = Router(tags=["desk"])
