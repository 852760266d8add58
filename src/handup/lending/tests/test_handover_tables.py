"""Which tables of all domains travel with a programme, and which never do."""

from typing import Any

from handup.org.classes import DataClass
from handup.projects import handover
from handup.projects.carrying.gather import declared, keys_of, personal, undeclared
from handup.projects.carrying.totals import money_of


def test_every_table_says_whether_it_goes_and_what_is_restricted_never_does() -> None:
    assert undeclared(handover.movers) == []
    tables: list[Any] = list(declared(handover.movers).tables)
    labels = {model._meta.label for model in tables}
    assert {"people.Person", "lending.Loan", "ledger.Entry", "groups.GroupFact"} <= labels
    assert not {"people.Compartment", "people.CaseNote", "people.Grievance"} & labels
    assert not [model for model in tables if DataClass.R in model.CLASSES.values()]
    for model in tables:  # what cannot be left empty goes too
        for key in keys_of(model):
            assert key.null or key.related_model in tables, f"{model} {key.name}"


def test_what_is_personal_and_names_nobody_stays_unless_its_table_is_about_nobody() -> None:
    told = declared(handover.movers)
    loose = {m._meta.label for m in told.moves if personal(m) and m not in told.nobody}
    paths: list[Any] = [(m._meta.label, getattr(m, "SCOPE", None)) for m in told.moves]
    about = {label for label, scope in paths if scope and (scope.persons or scope.shares)}
    assert loose - about == {
        "groups.PaperSheet",  # a photo names everybody, who agreed to go and who did not
        "lending.LineMatch",
        "lending.OldBook",
        "lending.PaymentBatch",
        "lending.StrayCash",
        "lending.StrayLine",
        "lending.StrayWord",
    }
    assert {m._meta.label for m in told.nobody} & {"people.Enquiry", "lending.StatementLine"} == (
        set()
    )


def test_all_money_that_goes_is_added_up_in_the_currency_it_is_counted_in() -> None:
    told = {model._meta.label: money_of(model) for model in declared(handover.movers).tables}
    assert told["lending.LoanEvent"] == {"loan__currency": ["units"]}
    assert told["lending.GrantTranche"] == {"grant__currency": ["units"]}
    assert told["groups.DuesPayment"].keys() == {"group__currency"}
    assert told["groups.Payslip"].keys() == {"run__group__currency"}
    assert told["projects.FundingAgreement"] == {"currency": ["amount_units"]}
    assert told["markets.Delivery"].keys() == {"contract__currency"}
    assert told["ledger.Line"] == {
        "currency": ["units"],
        "entry__book__base_currency": ["base_units"],
    }
    behind = {"lending.Guarantor", "lending.Collateral"}  # of a loan or of what is asked for
    assert {label for label, columns in told.items() if "" in columns} == behind
