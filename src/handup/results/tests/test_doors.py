"""The doors of results: who sees a figure, who opens its records, and what the files hold."""

import json
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending import services
from handup.lending.tests.cast import World, make_person, make_world, running, signed, staff
from handup.org.models import Grant, Office, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Enterprise, Ownership
from handup.results.definitions import DEFINITIONS, definition
from handup.results.facts import Facts
from handup.results.report import USUAL
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.services import choose_indicators, set_reporting_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 31)
CODES = ("MED-OUT-01", "MED-FIN-01", "MED-FIN-01v", "MED-FIN-05a", "MED-IMP-01")


@pytest.fixture
def world() -> World:
    """The small world of the lending tests, its figures chosen."""
    made = make_world()
    choose_indicators(acting_staff=made.cast.manager, programme=made.programme, codes=CODES)
    set_reporting_day(acting_staff=made.cast.manager, programme=made.programme, day=DAY)
    return made


def browser(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_programme_without_loans_shows_not_defined_and_no_percentage(world: World) -> None:
    page = browser(world.cast.manager).get(reverse("results:benefits", args=[world.programme.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "not defined" in text
    assert 'value="2026-01-31"' in text


def test_an_unreadable_day_falls_back_to_the_reporting_day(world: World) -> None:
    address = reverse("results:benefits", args=[world.programme.pk])
    page = browser(world.cast.manager).get(address, {"as_of": "31.13.2026"})
    assert 'value="2026-01-31"' in page.content.decode()


def test_only_known_figures_are_chosen_and_only_by_those_who_may(world: World) -> None:
    with pytest.raises(UnknownIndicator):
        choose_indicators(
            acting_staff=world.cast.manager, programme=world.programme, codes=["MED-XXX-99"]
        )
    with pytest.raises(NotAllowed):
        choose_indicators(acting_staff=world.cast.clerk, programme=world.programme, codes=CODES)
    assert [row.code for row in world.programme.shown_indicators.all()] == list(CODES)


def test_every_definition_computes_over_an_empty_programme(world: World) -> None:
    facts = Facts(world.programme, DAY)
    for code in DEFINITIONS:
        figure = definition(code).compute(facts)
        assert figure.numerator == 0, code
        assert figure.denominator in (None, 0), code


def test_the_funder_reads_figures_but_opens_no_records(world: World) -> None:
    funder = browser(staff("funder", Role.FUNDER))
    pk = world.programme.pk
    assert funder.get(reverse("results:figure", args=[pk, "MED-OUT-01", DAY])).status_code == 200
    assert funder.get(reverse("results:rows", args=[pk, "MED-OUT-01", DAY])).status_code == 403
    officer = browser(world.cast.officer)
    assert officer.get(reverse("results:rows", args=[pk, "MED-OUT-01", DAY])).status_code == 200


def test_figures_show_when_it_happened_and_the_table_that_says_the_same(world: World) -> None:
    pk, reader = world.programme.pk, browser(world.cast.manager)
    figure = reverse("results:figure", args=[pk, "MED-FIN-01v", DAY])
    benefits = reverse("results:benefits", args=[pk])
    running(world, 400_00)
    assert 'class="drawing"' not in reader.get(figure).content.decode()
    for month in (2, 4):
        other = make_person(world.programme, world.office, world.cast.advisor, f"P {month}")
        loan = signed(world, 400_00, person=other)
        services.disburse_loan(
            acting_staff=world.cast.manager, loan=loan, value_date=date(2025, month, 20)
        )
    page = reader.get(figure).content.decode()
    assert 'class="drawing" role="img"' in page
    assert "<svg aria-hidden" in page
    assert '<th scope="row">Mar 2025</th><td class="num">0</td>' in page
    assert '<th scope="row">Apr 2025</th><td class="num">400</td>' in page
    assert "USD, new in each month" in page
    assert 'class="drawing"' in reader.get(benefits, {"as_of": "2025-12-31"}).content.decode()
    funder = browser(staff("funder", Role.FUNDER))
    assert 'class="drawing"' not in funder.get(benefits, {"as_of": "2025-12-31"}).content.decode()


@pytest.mark.parametrize("kind", ["json", "csv", "pdf"])
def test_the_report_is_taken_along_as_a_file(world: World, kind: str) -> None:
    address = reverse("results:report_file", args=[world.programme.pk, DAY, kind])
    answer = browser(world.cast.manager).get(address)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    if kind == "json":
        figures = {line["code"]: line for line in json.loads(answer.content)["figures"]}
        assert figures["MED-FIN-05a"]["denominator"] == 0
        assert figures["MED-FIN-05a"]["value"] is None
    if kind == "pdf":
        assert answer.content.startswith(b"%PDF")


def test_unknown_figures_files_and_programmes_do_not_exist(world: World) -> None:
    client = browser(world.cast.manager)
    pk = world.programme.pk
    for address in (
        reverse("results:figure", args=[pk, "MED-GRP-01", DAY]),
        reverse("results:rows", args=[pk, "MED-XXX-99", DAY]),
        reverse("results:report_file", args=[pk, DAY, "docx"]),
        reverse("results:benefits", args=[world.person.pk]),
    ):
        assert client.get(address).status_code == 404, address


def test_the_api_gives_both_counts_of_each_share(world: World) -> None:
    client = browser(world.cast.manager)
    pk = world.programme.pk
    report = client.get(f"/api/v1/results/programmes/{pk}/report", {"as_of": DAY.isoformat()})
    assert report.status_code == 200
    assert {line["code"] for line in report.json()["figures"]} == set(CODES)
    missing = client.get(f"/api/v1/results/programmes/{world.person.pk}/report?as_of=2026-01-31")
    assert missing.status_code == 404


def test_the_table_of_figures_runs_no_formula_in_a_spreadsheet(world: World) -> None:
    loan = running(world)
    shop = Enterprise.objects.create(
        code="E1",
        trade="=HYPERLINK(1)",
        programme=world.programme,
        registered_date=loan.agreed_date,
        registered_by=world.cast.manager,
    )
    Ownership.objects.create(
        enterprise=shop, person=world.person, share_bps=10_000, from_date=loan.agreed_date
    )
    choose_indicators(
        acting_staff=world.cast.manager, programme=world.programme, codes=["MED-ENT-02s"]
    )
    address = reverse("results:report_file", args=[world.programme.pk, DAY, "csv"])
    text = browser(world.cast.manager).get(address).content.decode()
    assert f",'{shop.trade}," in text
    assert f",{shop.trade}," not in text


def test_a_funder_gets_no_breakdown_and_no_count_of_one_to_four(world: World) -> None:
    """What leaves the staff must not point at a person."""
    running(world)
    for place in ("results:benefits", "results:figure"):
        more = ["MED-FIN-01v", DAY] if place == "results:figure" else []
        address = reverse(place, args=[world.programme.pk, *more])
        inside = browser(world.cast.manager).get(address, {"as_of": DAY.isoformat()})
        assert inside.status_code == 200
    pk = world.programme.pk
    asked = {"as_of": DAY.isoformat()}
    whole = browser(world.cast.manager).get(f"/api/v1/results/programmes/{pk}/report", asked).json()
    funder = browser(staff("funder", Role.FUNDER))
    left = funder.get(f"/api/v1/results/programmes/{pk}/report", asked).json()
    assert "MED-FIN-01v" in {line["code"] for line in whole["figures"]}
    assert "MED-FIN-01v" not in {line["code"] for line in left["figures"]}
    assert all(line["by"] == {} for line in left["figures"])
    assert left["figures"] != []
    address = reverse("results:figure", args=[pk, "MED-FIN-01v", DAY])
    assert funder.get(address).status_code == 404


def test_a_hidden_persons_loan_is_in_no_figure_and_no_row(world: World) -> None:
    loan = running(world)
    client = browser(world.cast.manager)
    rows = reverse("results:rows", args=[world.programme.pk, "MED-FIN-01v", DAY])
    assert loan.code in client.get(rows).content.decode()
    compartment = Compartment.objects.create(
        person=world.person, kind="PERSON", opened_by=world.cast.director, opened_date=DAY
    )
    hidden_changed()
    answer = client.get(rows)
    assert answer.context["total"] == 0
    assert loan.code not in answer.content.decode()
    asked = {"as_of": DAY.isoformat()}
    report = client.get(f"/api/v1/results/programmes/{world.programme.pk}/report", asked).json()
    assert {line["numerator"] for line in report["figures"]} == {0}
    compartment.delete()
    hidden_changed()


@pytest.mark.parametrize("start", ["9" * 5_000, "-1", "two", ""])
def test_any_place_in_the_rows_may_be_asked_for(world: World, start: str) -> None:
    running(world)
    rows = reverse("results:rows", args=[world.programme.pk, "MED-FIN-01v", DAY])
    assert browser(world.cast.manager).get(rows, {"from": start}).status_code == 200


def test_rows_of_another_office_are_counted_but_not_listed(world: World) -> None:
    loan = running(world)
    rows = reverse("results:rows", args=[world.programme.pk, "MED-FIN-01v", DAY])
    there = Office.objects.create(code="THERE", name="There")
    held = (Role.LOAN_OFFICER, Role.FIELD_OFFICER)
    outsider = staff("elsewhere", *held, kind=ScopeKind.OFFICE, office=there)
    answer = browser(outsider).get(rows)
    assert answer.status_code == 200
    assert (answer.context["total"], answer.context["others"]) == (1, 1)
    assert answer.context["rows"] == []
    assert "1 of them lies where you may not open records" in answer.content.decode()
    assert f"{loan.disbursed_units // 100}" not in answer.content.decode()
    own = staff("at_home", *held, kind=ScopeKind.OFFICE, office=world.office)
    answer = browser(own).get(rows)
    assert (answer.context["others"], len(answer.context["rows"])) == (0, 1)
    assert loan.code in answer.content.decode()


def test_who_takes_over_opens_rows_of_the_published_day_and_counts_only_them(world: World) -> None:
    running(world)
    set_reporting_day(
        acting_staff=world.cast.manager, programme=world.programme, day=date(2020, 1, 31)
    )
    rows = reverse("results:rows", args=[world.programme.pk, "MED-FIN-01v", DAY])
    assert browser(world.cast.manager).get(rows).context["total"] == 1
    answer = browser(staff("successor", Role.SUCCESSOR)).get(rows)
    assert (answer.context["total"], answer.context["rows"]) == (0, [])


def test_who_opens_rows_of_one_office_only_is_not_helped_by_what_she_reads_elsewhere(
    world: World,
) -> None:
    running(world)
    rows = reverse("results:rows", args=[world.programme.pk, "MED-FIN-01v", DAY])
    there = Office.objects.create(code="THERE", name="There")
    reader = staff("reader", Role.LOAN_OFFICER, kind=ScopeKind.OFFICE, office=there)
    today = timezone.localdate()
    Grant.objects.create(
        staff=reader, role=Role.ACCOUNTANT, scope=ScopeKind.ALL, starts=today, ends=today
    )
    assert browser(reader).get(rows).context["rows"] == []


def test_figures_are_chosen_on_the_page_and_through_the_api(world: World) -> None:
    web = browser(world.cast.manager)
    results = reverse("results:benefits", args=[world.programme.pk])
    choose = reverse("results:choose", args=[world.programme.pk])
    assert choose in web.get(results).content.decode()
    form = web.get(choose).content.decode()
    assert form.count("checked") == len(CODES)
    assert web.post(choose, {"codes": ["MED-OUT-02"], "day": ""}).status_code == 302
    page = web.get(results).content.decode()
    assert "Households reached" in page
    assert f'value="{timezone.localdate().isoformat()}"' in page
    none = web.post(choose, {"codes": []})
    assert none.status_code == 422
    address = f"/api/v1/results/programmes/{world.programme.pk}/figures"
    body = {"codes": ["MED-OUT-01"], "day": "2026-01-31"}
    assert web.post(address, body, content_type="application/json").status_code == 200
    assert 'value="2026-01-31"' in web.get(results).content.decode()
    unknown = web.post(address, {"codes": ["x"]}, content_type="application/json")
    assert unknown.status_code == 422
    assert "Persons reached" in web.get(results).content.decode()
    other = browser(staff("another", Role.CLERK))
    assert other.post(address, body, content_type="application/json").status_code == 403
    assert other.get(choose).status_code == 403


def test_a_programme_shows_the_usual_figures_until_its_own_are_chosen() -> None:
    world = make_world()
    web, pk = browser(world.cast.manager), world.programme.pk
    page = web.get(reverse("results:benefits", args=[pk])).content.decode()
    for code in USUAL:
        assert reverse("results:figure", args=[pk, code, timezone.localdate()]) in page, code
    form = web.get(reverse("results:choose", args=[pk])).content.decode()
    assert form.count("checked") == len(USUAL)
