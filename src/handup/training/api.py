"""The API door of `training`."""

from ninja import Router

router = Router(tags=["training"])
