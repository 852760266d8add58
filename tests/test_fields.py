"""Every stored field says how sensitive it is, and what is secret is sealed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from handup.org.classes import DataClass
from handup.org.declared import declared
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.rules.access import Role
from handup.org.third_party import THIRD_PARTY

TEXTS = (models.CharField, models.TextField, models.JSONField)
NOT_ABOUT_PERSONS = {"training.SigningKey": "the key certificates are signed with"}
SECRET = {DataClass.S, DataClass.R}


def all_models() -> list[type[models.Model]]:
    return list(apps.get_models(include_auto_created=True))


def is_ours(model: type[models.Model]) -> bool:
    return model.__module__.startswith("handup.")


def original_of(model: type[models.Model]) -> type[models.Model] | None:
    """The model a history table is of."""
    return getattr(model, "instance_type", None)


def house_models() -> list[type[models.Model]]:
    return [
        model
        for model in all_models()
        if is_ours(model) and original_of(model) is None and not model._meta.auto_created
    ]


def names(model: type[models.Model]) -> set[str]:
    meta = model._meta
    return {field.name for field in (*meta.concrete_fields, *meta.many_to_many)}


def by_label(model: type[models.Model]) -> str:
    return model._meta.label


@pytest.mark.parametrize("model", house_models(), ids=by_label)
def test_every_field_of_the_house_has_a_class(model: Any) -> None:
    assert set(model.CLASSES) == names(model)


def test_every_field_of_every_package_has_a_class() -> None:
    theirs = {m._meta.label_lower: names(m) for m in all_models() if not is_ours(m)}
    assert theirs == {label: set(classes) for label, classes in THIRD_PARTY.items()}


def secret_texts() -> Iterator[tuple[type[models.Model], Any]]:
    for model in house_models():
        classes: dict[str, DataClass] = model.CLASSES  # type: ignore[attr-defined]  # tested above
        for field in model._meta.concrete_fields:
            if classes.get(field.name) in SECRET:
                yield model, field


def test_every_secret_text_is_sealed() -> None:
    open_ones = {
        f"{model._meta.label}.{field.name}"
        for model, field in secret_texts()
        if isinstance(field, TEXTS)
        and not field.choices  # a code of a short list says nothing to who searches the bytes
        and not isinstance(field, EncryptedTextField | KeyedHashField)
    }
    assert open_ones == set()


def test_a_compartments_field_uses_its_own_key() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model, field in secret_texts()
        if isinstance(field, EncryptedTextField)
        and (model.CLASSES[field.name] is DataClass.R) != (field.ring.value == "compartment")  # type: ignore[attr-defined]  # tested above
    ]
    assert wrong == []


def test_every_keyed_hash_names_a_sealed_column_of_its_table() -> None:
    for model in all_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, KeyedHashField):
                source = model._meta.get_field(field.source)
                assert isinstance(source, EncryptedTextField), f"{model._meta.label}.{field.name}"


def test_history_tables_copy_the_seal() -> None:
    for model in all_models():
        original = original_of(model)
        for field in model._meta.concrete_fields if original is not None else ():
            if isinstance(field, EncryptedTextField):
                assert original is not None
                assert field.bound_table == original._meta.db_table


def test_a_model_that_holds_persons_says_who_may_read_it() -> None:
    """A permission to read, and the paths by which a grant reaches a row."""
    personal = {DataClass.P, *SECRET}
    open_ones = []
    for model in house_models():
        classes: dict[str, DataClass] = model.CLASSES  # type: ignore[attr-defined]  # tested above
        if model._meta.app_label == "org" or model._meta.label in NOT_ABOUT_PERSONS:
            continue
        if not personal & set(classes.values()):
            continue
        if not model.VIEW or model.SCOPE is None:  # type: ignore[attr-defined]  # a House model
            open_ones.append(model._meta.label)
    assert open_ones == []


# Who guards the registers, keeps the books or runs the machine (protection.md 4.1).
WITHOUT_CONTENT = {
    Role.DPO,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.FUNDER,
    Role.BANK_CLERK,
    Role.CASHIER,
    Role.ACCOUNTANT,
    Role.FINANCE_MANAGER,
    Role.ME_READER,
}
SECRETS_THEY_MEET = {
    "training.SigningKey": "no page shows the private half",
    "training.ApprenticeshipAgreement": "no page shows why it ended; an apprentice is paid",
    "lending.EnterpriseGrant": "no page shows the criteria",
    "lending.LoanAccount": "who pays out meets the account number of her own payment",
    "lending.PaymentOrder": "an account number is shown to who may see the loan's account alone",
    "lending.StatementLine": "the payer's account is shown to who may see the loan's account alone",
    "groups.Member": "no page shows what she said when she left; an auditor reads who is a member",
    "people.SubjectRequest": "the register shows what was asked to who answers it alone",
    "people.BreakGlass": "who reviews it reads the reason; an auditor sees that it happened",
    "desk.ImportBatch": "what stands in a file one has handed over",
    "sync.WorkFact": "no page shows what a phone told while it waits, only that and why it waits",
    "sync.WorkPicture": "no page shows its name on the phone, nor what came before it is whole",
}


def test_who_needs_no_content_may_read_no_secret_of_a_person() -> None:
    """Data protection officer, auditor, administrator, partner, and those who only count money."""
    may_read = {}
    for model, _field in secret_texts():
        if model._meta.app_label == "org" or model._meta.label in SECRETS_THEY_MEET:
            continue
        found = WITHOUT_CONTENT & declared()[model.VIEW]  # type: ignore[attr-defined]  # tested above
        if found:
            may_read[model._meta.label] = sorted(found)
    assert may_read == {}
