"""An empty installation, walked through its pages without JavaScript from the first page to the
first results, with two persons at work and an administrator (tests/from_start.py tells the way).
"""

import json

import pytest

from handup.org.verify import run_checks
from tests import from_start as way
from tests.hands import Hands

pytestmark = pytest.mark.django_db

FIGURES = {
    "MED-OUT-02": (2, None),
    "MED-TRN-02": (1, None),
    "MED-FIN-02": (1, None),
    "MED-FIN-01v": (600_00, None),
    "MED-IMP-01": (1, 1),
    "MED-GRP-02": (1, None),
}


def sign_in(who: Hands) -> Hands:
    """With the password she was given."""
    who.open("/sign-in/").fill(login=who.name, password=who.password)
    return who.open("/")


def test_from_the_first_page_to_the_first_results_on_pages_alone() -> None:
    known: dict[str, Hands] = {}

    def cast(name: str) -> Hands:
        return known.setdefault(name, Hands(name))

    way.start(cast)
    ada, otto, mara = (sign_in(cast(name)) for name in ("ada", "otto", "mara"))
    way.places(ada)
    way.open_a_programme(mara)
    way.say_who_may_come(mara)
    lena = way.register(otto)
    way.choose(otto, lena, "Lena Hill")
    way.teach(otto, mara, lena)
    way.plan(otto, mara, lena)
    way.set_lending_up(otto, mara)
    way.lend(otto, mara, lena)
    way.meet(otto, lena)
    way.ask(otto, mara)
    for one in (ada, otto, mara):
        one.open("/")
        with pytest.raises(AssertionError):
            one.says("First steps")
    read_the_results(mara)
    journey = otto.open(lena).follow("Her whole way")
    journey.says("Registered", "Eligible", "Taking part", "Small business", "USD 600.00")
    for outcome in run_checks(deep=True):
        assert outcome.holds, (outcome.check.code, outcome.shown)


def read_the_results(mara: Hands) -> None:
    """The figures are those of what was done, and open to the record behind them."""
    mara.open("/results/").follow(way.PROGRAMME).says("Concrete benefits", "USD 600.00")
    mara.follow("Take as JSON")
    told = {line["code"]: line for line in json.loads(mara.body)["figures"]}
    for code, (numerator, denominator) in FIGURES.items():
        line = told[code]
        assert (code, line["numerator"]) == (code, numerator)
        assert denominator is None or line["denominator"] == denominator, line
    mara.open("/results/").follow(way.PROGRAMME)
    mara.open(next(href for href in mara.hrefs() if "MED-OUT-02/" in href))
    mara.open(next(href for href in mara.hrefs() if href.endswith("/rows/")))
    assert sum("/people/" in href for href in mara.hrefs()) == 2, mara.body.decode()
