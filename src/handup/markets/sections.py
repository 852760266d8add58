"""Named lists for higher domains: what the page of an opportunity, a price or a buyer's contract
shows of groups, loans and results.

A domain adds callables from its apps.py; each gets who reads and the record, and returns what she
may see.
"""

from collections.abc import Callable, Sequence

from handup.markets.models import Opportunity, PriceObservation
from handup.org.models import StaffUser
from handup.org.web.pages import Action, Table

opportunity_actions: list[Callable[[StaffUser, Opportunity], Sequence[Action]]] = []
opportunity_sections: list[Callable[[StaffUser, Opportunity], Sequence[Table]]] = []
price_actions: list[Callable[[StaffUser, PriceObservation], Sequence[Action]]] = []
price_sections: list[Callable[[StaffUser, PriceObservation], Sequence[Table]]] = []
