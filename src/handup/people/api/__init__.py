"""The API door of `people`: the same services as the pages."""

from ninja import Router

from handup.people.api.belonging import router as belonging
from handup.people.api.corrections import router as corrections
from handup.people.api.erasures import router as erasures
from handup.people.api.glass import router as glass
from handup.people.api.grievances import router as grievances
from handup.people.api.impact import router as impact
from handup.people.api.instruments import router as instruments
from handup.people.api.matches import router as matches
from handup.people.api.outreach import router as outreach
from handup.people.api.participation import router as participation
from handup.people.api.persons import router as persons
from handup.people.api.ranking import router as ranking
from handup.people.api.referrals import router as referrals
from handup.people.api.refusals import router as refusals
from handup.people.api.requests import router as requests
from handup.people.api.selection import router as selection
from handup.people.api.sharing import router as sharing
from handup.people.api.targeting import router as targeting

router = Router(tags=["people"])
router.add_router("", outreach)
router.add_router("", persons)
router.add_router("", belonging)
router.add_router("", refusals)
router.add_router("", corrections)
router.add_router("", participation)
router.add_router("", grievances)
router.add_router("", requests)
router.add_router("", referrals)
router.add_router("", glass)
router.add_router("", erasures)
router.add_router("", sharing)
router.add_router("", impact)
router.add_router("", ranking)
router.add_router("", matches)
router.add_router("", instruments)
router.add_router("", targeting)
router.add_router("", selection)
