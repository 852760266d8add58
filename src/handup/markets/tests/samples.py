"""One record of each kind the addresses of `markets` name, for the tests that walk every
address.
"""

from django.db.models import Model

from handup.markets.models import CommodityUnit
from handup.markets.tests.ground import milk_chain, milk_round
from handup.org.models import Office, StaffUser
from handup.projects.models import Programme


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A chain with a round."""
    programme = Programme.objects.create(code="WALK-M", title="Walk", currency="RWF")
    chain = milk_chain(staff, programme, office)
    unit = CommodityUnit.objects.create(commodity=chain.commodity, name="can", milli=20_000)
    return [chain, milk_round(staff, chain), chain.commodity, unit, *chain.actors.all()]
