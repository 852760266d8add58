"""The embedded server answers on this computer only."""

from handup.cli import run


def test_it_listens_on_loopback_and_nowhere_else() -> None:
    addresses = run.listening(8123)
    assert "127.0.0.1:8123" in addresses
    assert set(addresses) <= {"127.0.0.1:8123", "[::1]:8123"}
