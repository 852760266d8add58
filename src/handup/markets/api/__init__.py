"""The API door of `markets`: the same services as the pages."""

from ninja import Router

from handup.markets.api.chains import router as chains

router = Router(tags=["markets"])
router.add_router("", chains)
