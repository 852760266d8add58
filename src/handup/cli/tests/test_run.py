"""The embedded server answers on this computer only, and tells the word of the first run."""

import socket

import pytest
from django.test import Client

from handup.cli import main, run
from handup.cli.run import tell_first_word
from handup.org import keys
from handup.org.first_word import first_word
from handup.org.models import StaffUser


def test_it_listens_on_loopback_and_nowhere_else() -> None:
    addresses = run.listening(8123)
    assert "127.0.0.1:8123" in addresses
    assert set(addresses) <= {"127.0.0.1:8123", "[::1]:8123"}


def test_only_who_knows_the_word_of_the_server_begins(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {
        "profile": "SMALL",
        "display_name": "Eve",
        "username": "eve",
        "password": "a long walk to Vayk",
    }
    browser = Client()
    for word in ("", "abcd-efgh-jkmn", "é" * 12, first_word()[:-1]):
        refused = browser.post("/start/", told | {"word": word})
        assert refused.status_code == 422
        assert 'href="#id_word"' in refused.content.decode()
    assert not StaffUser.objects.exists()
    tell_first_word(8000)
    printed = capsys.readouterr().out
    assert main(["first-word"]) == 0
    word = capsys.readouterr().out.strip()
    assert (word == first_word(), word in printed) == (True, True)
    typed = word.upper().replace("-", " ")
    assert browser.post("/start/", told | {"word": typed})["Location"] == "/sign-in/"
    assert main(["first-word"]) == 1, "it is of no use any more"
    tell_first_word(8000)
    assert capsys.readouterr().out == ""


def test_a_second_one_on_the_same_port_is_refused_before_it_touches_the_house(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "load", lambda: pytest.fail("it went on"))
    with socket.create_server(("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        assert main(["run", "--port", str(port)]) == 1
    assert f"Port {port} is in use" in capsys.readouterr().err
    run.refuse_busy(port)
