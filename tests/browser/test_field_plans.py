"""A whole business plan on an officer's own phone in a real Chromium, without a network: asked part
by part, the window lost in between, worked out on the phone, and handed in at the office once with
the same figures; an adviser's with a what-if of its own and the name drawn by finger."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program, press, question, tile
from tests.browser.test_field_work import _built, choose, enrol, killed, line

__all__ = ["_built"]
PLANS = "Business plans"
HER, SIGNER = "Gayane Hakobyan", "Lusine Avetyan"


def pay(page: Page, asked: str, digits: str) -> None:
    """Type an amount in smallest units when it is asked for."""
    question(page, asked)
    for digit in digits:
        page.locator(f".pad [data-key='{digit}']").click()
    press(page, "Go on")


def nothing(page: Page, asked: str) -> None:
    """She does not know."""
    question(page, asked)
    press(page, "I do not know")


def start(page: Page, name: str = HER) -> None:
    """A new plan, what the business is, and its months."""
    tile(page, PLANS)
    press(page, "A new plan")
    choose(page, "Whose plan is it", name)
    tile(page, "What the business is")
    line(page, "What is the business", "Bread")
    nothing(page, "What is the idea")
    question(page, "In which month")
    page.locator("button.tile").first.click()
    line(page, "For how many months", "61")
    expect(page.locator("#notice")).to_contain_text("from 1 to 60")
    line(page, "For how many months", "12")
    expect(page.locator("button.tile.press", has_text="What the business is")).to_contain_text("✓")


def household(context: BrowserContext, page: Page, words: str) -> Page:
    """Sales and spending of the household; the window is lost in the middle of a line."""
    tile(page, "What the household earns and spends")
    choose(page, "What does the household earn", "Sales")
    press(page, "Add a line")
    line(page, "What is it", "bread")
    question(page, "For how long")
    page = killed(context, page, words, PLANS)
    tile(page, HER)
    choose(page, "For how long", "a day")
    pay(page, "for a day", "5000")
    choose(page, "How do you know", "I saw it")
    question(page, "What else")
    expect(page.locator("button.tile").first).to_contain_text("50.00 XTS")
    press(page, "That is all")
    choose(page, "What does the household earn", "Spending of the household")
    press(page, "Add a line")
    line(page, "What is it", "food")
    question(page, "For how long")
    press(page, "a month")
    pay(page, "for a month", "60000")
    choose(page, "How do you know", "She told me")
    question(page, "What else")
    press(page, "That is all")
    question(page, "What does the household earn")
    press(page, "That is all")
    question(page, "Bread")
    return page


def loan(page: Page) -> None:
    """The loan on terms that are typed."""
    tile(page, "The loan asked for")
    choose(page, "On which terms", "On other terms")
    pay(page, "How much does she ask for", "100000")
    line(page, "What interest", "2.5")
    choose(page, "On what is the interest", "On what is still owed")
    line(page, "In how many monthly", "6")
    line(page, "interest only", "0")
    nothing(page, "What is the loan for")


def harmless(page: Page) -> None:
    """The five questions about harm, with no to each."""
    tile(page, "Harm to people and nature")
    for harm in ("waste", "wood", "land", "dangerous", "child labour"):
        choose(page, harm, "No")


def test_a_whole_plan_made_without_a_network_reaches_the_office_once_with_the_same_figures(
    site: Site, page: Page
) -> None:
    context = page.context
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask_program(site, "field_plans", "make", "field-officer")["code"])
    context.set_offline(True)
    start(page)
    page = household(context, page, words)
    loan(page)
    harmless(page)
    expect(page.get_by_role("button", name="What it comes to")).to_be_visible()
    press(page, "What it comes to")
    question(page, "The cash lasts in every month")
    expect(page.locator("main")).to_contain_text("740.00 XTS")  # 28 days of 50, less 660 lived on
    press(page, "If it goes worse")
    expect(page.locator("main")).to_contain_text("She sells a tenth less")
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    press(page, "Back")
    press(page, "Back")
    page = killed(context, page, words, PLANS)
    tile(page, HER)
    press(page, "Hand it in, or keep it at the office")
    question(page, "Read it back")
    press(page, "Hand it in")
    expect(page.locator("#notice")).to_contain_text("worked out again at the office")
    assert ask_program(site, "field_plans", "tell", "field-officer")["plans"] == 0
    context.set_offline(False)
    page = killed(context, page, words, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("1")
    told = ask_program(site, "field_plans", "tell", "field-officer")
    assert told == {
        "plan": told["plan"],
        "plans": 1,
        "facts": ["DONE"],
        "state": "SUBMITTED",
        "title": "Bread",
        "months_in_red": 0,
        "loan": 1_000_00,
        "net_cash": 740_00,
        "months": 12,
        "differences": 0,
    }


def bread(page: Page) -> None:
    """What the family lives on, and 1 000 loaves a month at 2.00 with material of 0.50."""
    tile(page, "What the household earns and spends")
    choose(page, "What does the household earn", "Spending of the household")
    press(page, "Add a line")
    line(page, "What is it", "food")
    question(page, "For how long")
    press(page, "a month")
    pay(page, "for a month", "60000")
    choose(page, "How do you know", "She told me")
    press(page, "That is all")
    press(page, "That is all")
    tile(page, "What is sold")
    press(page, "Add a line")
    line(page, "What is sold", "bread")
    line(page, "Sold by what", "loaf")
    pay(page, "What does one cost the buyer", "200")
    pay(page, "goods and materials are in one", "50")
    question(page, "paid to others for making one")
    press(page, "Go on")
    choose(page, "the same every month", "The same every month")
    line(page, "in a normal month", "1000")
    line(page, "how many are paid later", "0")
    question(page, "What else")
    press(page, "That is all")


def late_oven(page: Page) -> None:
    """What may happen to her alone: a fifth less is sold, and nothing before the third month."""
    tile(page, "What may happen to her")
    press(page, "Add a line")
    line(page, "What may happen", "The oven comes late")
    line(page, "how many does she sell then", "80")
    line(page, "what does he pay then", "100")
    line(page, "what do they cost then", "100")
    line(page, "later does the first sale come", "2")
    line(page, "is nothing sold", "0")
    question(page, "What else")
    press(page, "That is all")


def sign(page: Page) -> None:
    """The adviser's statement, and the name drawn; a touch by mistake is none."""
    press(page, "Hand it in, or keep it at the office")
    press(page, "Advise and sign now")
    question(page, "What do you say of this plan")
    page.fill("#text", "I saw her bake.")
    press(page, "Go on")
    choose(page, "How does Lusine Avetyan agree", "With her name, drawn by finger")
    press(page, "It is signed")
    expect(page.locator("#notice")).to_contain_text("Draw it on the white field first")
    press(page, "Understood")
    sheet = page.locator("canvas.signature").bounding_box()
    assert sheet is not None
    page.mouse.move(sheet["x"] + 20, sheet["y"] + 20)
    page.mouse.down()
    page.mouse.move(sheet["x"] + 200, sheet["y"] + 90, steps=30)
    page.mouse.up()
    press(page, "It is signed")
    expect(page.locator("#notice")).to_contain_text("Signed and written down")


def test_a_signed_plan_and_its_own_what_if_are_the_same_at_the_office(
    site: Site, other: Page, sign_in: Callable[[str], Page]
) -> None:
    """Two months without sales: 1 000 lent, less 1 320 lived on and two instalments of 181.55."""
    page, context = other, other.context
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask_program(site, "field_plans", "make", "advisor")["code"])
    context.set_offline(True)
    start(page, SIGNER)
    bread(page)
    late_oven(page)
    loan(page)
    harmless(page)
    press(page, "What it comes to")
    press(page, "If it goes worse")
    own = page.locator("section.card", has_text="The oven comes late").locator("p").inner_text()
    assert own == "-683.10 XTS · 2 months in the red"
    press(page, "Back")
    press(page, "Back")
    sign(page)
    assert ask_program(site, "field_plans", "tell", "advisor")["plans"] == 0
    context.set_offline(False)
    page = killed(context, page, words, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("1")
    told = ask_program(site, "field_plans", "tell", "advisor")
    assert (told["plans"], told["state"], told["differences"]) == (1, "ADVISED", 0)
    office = sign_in("ADVISOR")
    office.goto(f"/plans/{told['plan']}/")
    row = office.get_by_role("row", name=re.compile("^The oven comes late"))
    expect(row).to_contain_text("-683.10")
    expect(row).to_contain_text("2, 3")
    expect(office.locator("main")).to_contain_text("I saw her bake.")
    name = office.locator("main a[href^='/files/']").get_attribute("href")
    answer = office.request.get(f"{site.url}{name}")
    assert (answer.status, answer.body()[:3]) == (200, b"\xff\xd8\xff")
