"""The API door of `surveys`."""

from ninja import Router

router = Router(tags=["surveys"])
