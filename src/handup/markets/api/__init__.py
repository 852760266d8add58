"""The API door of `markets`: the same services as the pages."""

from ninja import Router

from handup.markets.api.chains import router as chains
from handup.markets.api.contracts import router as contracts
from handup.markets.api.jobs import router as jobs
from handup.markets.api.prices import router as prices
from handup.markets.api.studies import router as studies

router = Router(tags=["markets"])
router.add_router("", chains)
router.add_router("", prices)
router.add_router("", studies)
router.add_router("", contracts)
router.add_router("", jobs)
