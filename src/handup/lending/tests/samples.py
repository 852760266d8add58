"""One record of each kind the addresses of `lending` name, for the tests that walk every address:
what one borrower may have in the small world of the lending tests, made by the services.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import (
    DecisionCondition,
    EarlierRecord,
    GrantTranche,
    JointMember,
    Lender,
    Loan,
    LoanProposal,
    PaymentBatch,
    StatementLine,
)
from handup.lending.rules.codes import LenderMode, Source
from handup.lending.services import CollectedIn, graduation, grants, joint, pathways
from handup.lending.services.conditions import ConditionIn
from handup.lending.services.transfers import controls_of
from handup.lending.tests import (
    guarantee_cast,
    old_books,
    test_conditions,
    test_documents,
    test_follow_up,
    test_grants,
    test_joint,
    test_lines,
    test_moratoria,
    test_passports,
    test_pathways,
    test_payments_hidden,
    test_premiums,
    test_savings,
    test_security,
    test_stray,
    test_tranches,
    test_transfers,
)
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    fill,
    guaranteed,
    main_account,
    make_person,
    make_product,
    make_world,
    repay,
    running,
    signed,
    still_open,
)
from handup.lending.tests.test_bank import HEAD as FILE_HEAD
from handup.lending.tests.test_bank_lists import HEAD as LIST_HEAD
from handup.lending.tests.test_bank_lists import compare
from handup.lending.tests.test_collection import DAY, collect
from handup.lending.tests.test_fee_table import COVER, with_fees
from handup.org.models import Office, StaffUser
from handup.projects.models import Organisation

FEBRUARY = START + timedelta(days=31)
LATER = date(2025, 6, 16)


def make(staff: StaffUser, office: Office) -> list[Model]:
    """The likeliest of each kind first."""
    world = make_world()
    fill(world.book, 900_000_00, world.cast.manager)
    own = running(world)
    paid = repay(world, own, FEBRUARY, 113_47)
    return [
        own,
        paid,
        world.person,
        *asked_for(world),
        *secured(world),
        *saved(world),
        *in_parts(world),
        *given(world),
        *followed(world, own),
        *proposed(world, own),
        *at_the_desk(world, own),
        *at_our_bank(world, own),
        *of_a_partner(world),
        *guarantees(world),
        *insured(world),
        *taken_over(world),
        world.product,
        world.direct,
        world.mirror,
    ]


def asked_for(world: World) -> list[Model]:
    """Applications at each step, with conditions, documents and ties."""
    waiting = still_open(applied(world, 700_00))
    papers = make_product(
        world.cast,
        world.direct,
        "PAPERS",
        eligibility={"certificate_required": False, "documents": [test_documents.LEASE]},
    )
    with_paper = applied(world, 600_00, product_version=papers)
    document = test_documents.keep(world, with_paper)
    tie = test_security.declared(world, waiting)
    condition = ConditionIn("The machine is insured")
    decided = test_conditions.decided(world, condition, units=650_00)
    return [
        still_open(approved(world, 710_00)),
        waiting,
        with_paper,
        document,
        tie,
        decided,
        *DecisionCondition.objects.filter(decision__application=decided),
        signed(world, 720_00),
    ]


def secured(world: World) -> list[Model]:
    """A guarantor and a pledge of a running loan, and neighbours who answer for one another."""
    asked = approved(world, 730_00)
    uncle = make_person(world.programme, world.office, world.cast.advisor, "Uncle 0001")
    rows = [test_security.pledge(world, asked), test_security.guarantee(world, asked, person=uncle)]
    group = joint.form_joint_group(
        acting_staff=world.cast.officer,
        name="Three neighbours",
        programme=world.programme,
        office=world.office,
        formed_date=test_joint.JOINED,
    )
    test_joint.join(world, group, asked)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=asked, signed_date=START
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    test_joint.lend(world, group, "Neighbour 0002", 400_00)
    calls = test_joint.call(world, loan)
    return [group, *JointMember.objects.filter(joint_group=group), *rows, *calls, loan, asked]


def saved(world: World) -> list[Model]:
    """Savings that go with her loans."""
    account = test_savings.opened(world)
    move = test_savings.pay_in(world, account, 25_00)
    test_savings.lent(world, 740_00)
    return [account, move]


def in_parts(world: World) -> list[Model]:
    """A loan of which the first part is paid out."""
    loan = test_tranches.begun(world)
    return [loan, *loan.tranches.all()]


def given(world: World) -> list[Model]:
    """A grant with tranches and a kit, and a pathway with a visit and a graduation."""
    grant = grants.approve_grant(
        acting_staff=world.cast.director,
        grant=test_grants.proposed(world),
        decided_date=test_grants.DAY,
    )
    test_grants.pay(world, test_grants.tranche(grant, 1))
    waits = test_grants.proposed(world, purpose="A second oven")
    way = pathways.open_pathway(
        acting_staff=world.cast.manager,
        programme=world.programme,
        name="First steps",
        criteria=[{**item, "is_required": item["code"] == "food"} for item in test_pathways.FIVE],
        needed=2,
        from_date=date(2025, 1, 1),
    )
    row = pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor,
        pathway=way,
        person=world.person,
        enrolled_date=test_pathways.DAY,
    )
    test_pathways.ready(world, row)
    ended = graduation.propose_graduation(
        acting_staff=world.cast.advisor, enrolment=row, proposed_date=test_pathways.LATER
    )
    given = [*GrantTranche.objects.filter(grant=grant), *grant.assets.all()]
    return [grant, waits, *given, way, row, ended]


def followed(world: World, loan: Loan) -> list[Model]:
    """A promise, a quote, a passport."""
    quote = services.quote_payoff(
        acting_staff=world.cast.officer,
        loan=loan,
        quoted_date=FEBRUARY,
        valid_date=FEBRUARY + timedelta(days=9),
    )
    return [
        test_follow_up.promised(world, loan, date(2025, 4, 20)),
        quote,
        test_passports.issue(world),
        *test_lines.of_a_line(world, loan),
    ]


def proposed(world: World, own: Loan) -> list[Model]:
    """What waits for a second person: a write-off, a waiver, a moratorium, a move to another
    lender. The last two are decided together, under the number of their batch.
    """
    old = running(world, 750_00)
    waived = services.propose_waiver(
        acting_staff=world.cast.officer,
        loan=old,
        component=Component.INTEREST,
        units=1_00,
        proposed_date=timezone.localdate(),
        reason="The flood took the harvest",
    )
    lost = services.propose_write_off(
        acting_staff=world.cast.manager, loan=old, proposed_date=LATER, reason="Left"
    )
    batch = test_moratoria.propose(world)
    other = test_transfers.lender(world, "SECOND", LenderMode(own.lender.mode), world.book)
    moving = running(world, 760_00)
    move = test_transfers.propose(
        world, [moving], other, controls=controls_of([moving], test_transfers.DAY)
    )
    batches = LoanProposal.objects.filter(batch__in=(batch, move)).order_by("pk")
    together = [LoanProposal(pk=number) for number in (batch, move)]
    return [lost, waived, *together, *batches[:2], old]


def at_the_desk(world: World, own: Loan) -> list[Model]:
    """A collection, one that looks told again, and cash of nobody known."""
    held_date = DAY
    held: dict[str, Any] = {"held_date": held_date, "data_date": held_date}
    done = collect(world, CollectedIn(own.pk, 50_00))
    again = services.report_collection(
        acting_staff=world.cast.cashier,
        lines=[CollectedIn(own.pk, 50_00)],
        counted_units=50_00,
        source=Source.API,
        id=new_id(),
        **held,
    )
    assert isinstance(again, EarlierRecord)
    stray = test_stray.take(world)
    other = test_stray.take(world, 30_00)
    return [done, again, other, stray, test_stray.place(world, stray, (own, 100_00))]


def at_our_bank(world: World, own: Loan) -> list[Model]:
    """An account, a statement with a line matched, one said to be hers and one open; payments."""
    account = main_account(world, organisation=world.bank)
    moves = (Move(40_00, own.code, "B1"), Move(77_00, "for my loan", "B2"), Move(9_00, "x", "B3"))
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s.xml",
        content=camt(moves),
    )
    lines: Sequence[StatementLine] = list(statement.lines.order_by("-row"))
    match = services.match_line(
        acting_staff=world.cast.accountant,
        line=lines[1],
        parts=[services.PartIn(own, 77_00)],
        on=timezone.localdate(),
    )
    batch = test_payments_hidden.batch_of(world, account, "Somebody")
    order = batch.orders.get()
    Loan.objects.filter(pk=order.loan_id).update(person=world.person)
    assert isinstance(batch, PaymentBatch)
    return [account, statement, *lines, match, batch, order]


def of_a_partner(world: World) -> list[Model]:
    """A loan of the bank's own, its file and its list."""
    product = make_product(world.cast, world.mirror, "BANKS")
    loan = signed(world, 770_00, product_version=product)
    told = f"{FILE_HEAD}{loan.code};DISBURSEMENT;{START + timedelta(days=1)};770.00;D1;USD\n"
    file = services.import_bank_file(
        acting_staff=world.cast.clerk,
        lender=world.mirror,
        file_name="x.csv",
        content=told.encode(),
    )
    return [file, compare(world, f"{LIST_HEAD}{loan.code},770.00,0.00,0\n")]


def guarantees(world: World) -> list[Model]:
    """A bank we guarantee for, a call, and what came back."""
    bank: Lender = guaranteed(world, guarantee_cast.DEPOSIT)
    bank.book = world.book
    bank.save()
    loan = running(
        world, guarantee_cast.LENT, product_version=make_product(world.cast, bank, "GUAP")
    )
    call = guarantee_cast.called(world, loan)
    move = guarantee_cast.paid(world, call)
    return [call, move, call.guarantee, bank]


def insured(world: World) -> list[Model]:
    """Premiums that are owed on."""
    insurer = Organisation.objects.create(code="SAFE", name="Safe and Sound")
    with_fees(world, {**COVER, "refundable": True})
    test_premiums.name(world, insurer)
    return [test_premiums.prepare(world, insurer)]


def taken_over(world: World) -> list[Model]:
    """A portfolio of another system, read and tried."""
    lists, _people = old_books.book_of(world, old_books.half_even, loans=2)
    book = old_books.decided(world, lists, old_books.HALF_EVEN)
    return [book, *book.loans.all()]
