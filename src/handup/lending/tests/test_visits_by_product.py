"""The product of the loan decides when its business is visited, and an appraiser sees what is known
beside the plan's figures.
"""

from django.test import Client
from django.urls import reverse

from handup.lending.at_work import product_behind
from handup.lending.tests.cast import World, applied, signed, still_open
from handup.lending.tests.plans import ready_plan
from handup.lending.tests.test_plans_behind_loans import planned
from handup.org.models import Setting
from handup.plans.services.visit_calendar import intervals_of


def test_a_plan_is_visited_by_the_intervals_of_the_product_that_financed_it(world: World) -> None:
    plan = ready_plan(world)
    assert product_behind(plan) == ""
    told = {"months": 9, "products": {"PLANNED": {"months": 4}}}
    Setting.objects.create(key="plans.visit_calendar", value=told)
    assert intervals_of(plan).months == 9
    signed(world, product_version=planned(world))
    assert product_behind(plan) == "PLANNED"
    assert intervals_of(plan).months == 4


def test_an_appraiser_sees_what_is_known_beside_the_figures(client: Client, world: World) -> None:
    plan = ready_plan(world)
    row = still_open(applied(world, product_version=planned(world)))
    assert row.plan_version is not None
    client.force_login(world.cast.appraiser)
    page = reverse("lending:application_detail", args=[row.pk])
    shown = client.get(page).content.decode()
    assert "What is known beside the figures" in shown
    assert plan.number in shown
