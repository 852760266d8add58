"""A figure of who stands in several lines at once, or in any: worked case, page, API."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from handup.kernel.errors import Refusal
from handup.lending.tests.cast import running
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Person
from handup.results.crossing import CannotBeCrossed, LinesNotChosen, NoSuchLine, part_of
from handup.results.rules.expressions import Asked
from handup.results.tests.exchanging import joined
from handup.results.tests.test_declared import Worked, worked
from handup.results.tests.test_frozen import DAY, House, browser

__all__ = ["worked"]
REFUGEE, HEAD = ("target_category", "REFUGEE"), ("target_category", "WOMAN_HEAD")


def test_intersections_and_any_of_count_everybody_once(worked: Any) -> None:
    first, last = map(date.fromisoformat, worked["periods"]["2026-H1"])
    expected = worked["expected"]["2026-H1"]

    def count(*places: tuple[str, str], any_of: bool = False) -> int:
        asked = Asked(last, first)
        return part_of("MED-OUT-01", Worked(worked), asked, places, any_of=any_of).numerator

    both = expected["refugee_and_woman_head"]
    refugees, heads = count(REFUGEE), count(HEAD)
    assert count(REFUGEE, HEAD) == both == 3
    assert count(REFUGEE, HEAD, any_of=True) == refugees + heads - both
    women = count(("sex", "F"))
    assert women == expected["by_sex"]["F"]
    assert count(("sex", "F"), ("sex", "M")) == 0, "nobody stands in two lines of one that excludes"
    refused: list[tuple[list[tuple[str, str]], type[Refusal]]] = [
        ([], LinesNotChosen),
        ([REFUGEE, HEAD, ("sex", "F"), ("sex", "M")], LinesNotChosen),
        ([("lender", "X")], NoSuchLine),
        ([("displacement", "REFUGEE")], NoSuchLine),
    ]
    for places, refusal in refused:
        with pytest.raises(refusal):
            count(*places)
    with pytest.raises(CannotBeCrossed):
        part_of("MED-ENT-03", Worked(worked), Asked(last), [("sex", "F")])


@pytest.mark.django_db
def test_the_page_and_the_interface_tell_a_part_and_none_of_a_few() -> None:
    house = House()
    running(house.world, 400_00)
    for at in range(7):
        house.lend(f"Borrower {at}")
    people = Person.objects.order_by("id")
    joined(house.programme, *people)
    Person.objects.update(sex="F")
    men = [one.pk for one in people[:2]]
    Person.objects.filter(pk__in=men).update(sex="M")
    client = browser(house.officer)
    kwargs = [house.programme.pk, "MED-FIN-01", DAY.isoformat()]
    address = reverse("results:figure_crossed", args=kwargs)
    assert "crossed/" in client.get(reverse("results:figure", args=kwargs)).text
    women = client.get(address, {"first": "sex=F", "how": "ALL"})
    assert women.status_code == 200
    assert ">6<" in women.text.replace("\n", "")
    few = client.get(address, {"first": "sex=M", "how": "ALL"}).text
    assert "Fewer than 5" in few
    assert client.get(address, {"first": "lender=X", "how": "ALL"}).status_code == 422
    api = f"/api/v1/results/programmes/{house.programme.pk}/figures/MED-FIN-01/crossed"
    told = client.get(f"{api}?as_of={DAY}&line=sex%3DF&line=sex%3DM&any_of=true").json()
    assert (told["numerator"], told["too_few"]) == (8, False)
    told = client.get(f"{api}?as_of={DAY}&line=sex%3DM").json()
    assert (told["numerator"], told["too_few"]) == (None, True)
    assert client.get(f"{api}?as_of={DAY}&line=lender%3DX").status_code == 422
    woman = people.exclude(pk__in=men).first()
    assert woman is not None
    Compartment.objects.create(
        person=woman, kind="PERSON", opened_by=house.director, opened_date=DAY
    )
    hidden_changed()
    assert client.get(f"{api}?as_of={DAY}&line=sex%3DF").json()["numerator"] == 5
