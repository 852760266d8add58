"""Secrets open only where they belong, with the key they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel import crypto
from handup.kernel.crypto import IndexKind, Keyring, Place

PHONE_OF_ALICE = Place("people_person", "phone", "alice")
OLD, NEW = crypto.new_key(), crypto.new_key()
INDEX_KEY = bytes(range(32))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_from_its_place(text: str) -> None:
    ring = Keyring({"k1": OLD})
    stored = ring.encrypt(text, PHONE_OF_ALICE)
    assert stored.startswith("k1:")
    assert ring.decrypt(stored, PHONE_OF_ALICE) == text


def test_a_value_moved_to_another_row_column_or_table_is_refused() -> None:
    ring = Keyring({"k1": OLD})
    stored = ring.encrypt("+250788123456", PHONE_OF_ALICE)
    for elsewhere in (
        Place("people_person", "phone", "bob"),
        Place("people_person", "document", "alice"),
        Place("people_alias", "phone", "alice"),
    ):
        with pytest.raises(crypto.MovedSecret) as refused:
            ring.decrypt(stored, elsewhere)
        assert "+250788123456" not in str(refused.value)


def test_an_unknown_key_is_named_and_never_the_ciphertext() -> None:
    stored = Keyring({"k9": NEW}).encrypt("secret", PHONE_OF_ALICE)
    with pytest.raises(crypto.UnknownKey) as refused:
        Keyring({"k1": OLD}).decrypt(stored, PHONE_OF_ALICE)
    assert "k9" in str(refused.value)
    with pytest.raises(crypto.UnknownKey) as plain:
        Keyring({"k1": OLD}).decrypt("never encrypted at all", PHONE_OF_ALICE)
    assert "never" not in str(plain.value)


def test_a_changed_token_is_refused() -> None:
    stored = Keyring({"k1": OLD}).encrypt("secret", PHONE_OF_ALICE)
    with pytest.raises(crypto.BrokenSecret):
        Keyring({"k1": OLD}).decrypt(stored[:-4] + "AAAA", PHONE_OF_ALICE)
    with pytest.raises(crypto.BrokenSecret):
        Keyring({"k1": NEW}).decrypt(stored, PHONE_OF_ALICE)


def test_rotation_rewrites_once_and_the_old_key_reads_until_then() -> None:
    before = Keyring({"k1": OLD}).encrypt("secret", PHONE_OF_ALICE)
    both = Keyring({"k2": NEW, "k1": OLD})
    assert both.decrypt(before, PHONE_OF_ALICE) == "secret"
    after = both.rotate(before, PHONE_OF_ALICE)
    assert crypto.key_id_of(after) == "k2"
    assert both.rotate(after, PHONE_OF_ALICE) == after
    assert Keyring({"k2": NEW}).decrypt(after, PHONE_OF_ALICE) == "secret"


def test_a_keyring_without_key_or_with_a_colon_in_an_id_is_no_keyring() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Keyring({})
    with pytest.raises(ValueError, match="key id"):
        Keyring({"a:b": OLD})


def test_each_field_has_its_own_index() -> None:
    phone = crypto.field_key(INDEX_KEY, "people.person.phone")
    other = crypto.field_key(INDEX_KEY, "projects.contact.phone")
    assert phone != other != INDEX_KEY
    same = crypto.blind_index(phone, "+250 788 123 456", IndexKind.PHONE)
    assert same == crypto.blind_index(phone, "00250788123456", IndexKind.PHONE)
    assert same == crypto.blind_index(phone, "0788-123-456", IndexKind.PHONE, "250")
    assert same != crypto.blind_index(other, "+250788123456", IndexKind.PHONE)
    assert len(same) == 64


def test_documents_are_compared_by_letters_and_digits() -> None:
    assert crypto.normalise(" an-0 123.456/b ", IndexKind.DOCUMENT) == "AN0123456B"
    assert crypto.normalise("ԱԲ 12", IndexKind.DOCUMENT) == "ԱԲ12"


def test_names_are_compared_without_case_and_spaces() -> None:
    assert crypto.normalise("  ANI  Petrosyan ", IndexKind.NAME) == "ani petrosyan"
    assert crypto.normalise("  ANI  ", IndexKind.EXACT) == "  ANI  "


@pytest.mark.parametrize("wrong", ["", "0788123456", "+0788123456", "+12", "+12345678901234567"])
def test_what_is_no_telephone_number_is_refused(wrong: str) -> None:
    with pytest.raises(crypto.BadPhone):
        crypto.normal_phone(wrong)


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    key = crypto.new_signing_key()
    public = crypto.public_key_of(key)
    signature = crypto.sign(key, b"serial 2026-000123-3")
    assert len(signature) == 86
    assert crypto.is_signed(public, b"serial 2026-000123-3", signature)
    assert not crypto.is_signed(public, b"serial 2026-000124-1", signature)
    assert not crypto.is_signed(
        crypto.public_key_of(crypto.new_signing_key()), b"serial 2026-000123-3", signature
    )
    assert not crypto.is_signed(public, b"x", "no signature")
    assert not crypto.is_signed("no key", b"x", signature)
