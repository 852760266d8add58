"""`handup snapshot --agreement`, `handup counting-secret` and `handup national --secrets`."""

import json
from pathlib import Path

import pytest

from handup.cli import main
from handup.lending.tests.cast import World
from handup.org.models import AuditLine
from handup.people.models import Participation, SharingAgreement
from handup.people.services import sharing
from handup.results.columns.writing import write_snapshot
from handup.results.models import CountingSecret
from handup.results.services.columns import keep_counting_secret
from handup.results.tests.test_columns import DAY
from handup.results.tests.test_columns_sent import SECRETS, agreement, agrees, people, world

pytestmark = pytest.mark.django_db
__all__ = ["agreement", "world"]


def test_a_secret_is_kept_sealed_by_who_signs_and_never_shown(
    world: World, agreement: SharingAgreement, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(SECRETS["one"] + "\n")
    words = ["counting-secret", "--agreement", "A000001", "--file", str(file), "--staff"]
    for name in ("manager", "clerk", "nobody"):
        assert main([*words, name]) == 1, name
    assert not CountingSecret.objects.exists()
    assert main([*words, "director"]) == 0
    kept = CountingSecret.objects.get()
    assert str(kept.secret) == SECRETS["one"]
    line = AuditLine.objects.get(action="results.keep_counting_secret")
    said = capsys.readouterr()
    for text in (said.out, said.err, str(line.facts)):
        assert SECRETS["one"] not in text
    again = keep_counting_secret(
        acting_staff=world.cast.director, agreement=agreement, secret=SECRETS["two"]
    )
    assert (again.pk, str(again.secret)) == (kept.pk, SECRETS["two"])
    SharingAgreement.objects.update(fields=["PSEUDONYM"])
    with pytest.raises(sharing.NothingGiven):
        keep_counting_secret(
            acting_staff=world.cast.director, agreement=agreement, secret=SECRETS["one"]
        )


def test_what_a_house_keeps_for_itself_is_counted_with_no_other(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = write_snapshot(DAY, folder=tmp_path / "own")
    words = ["national", str(written.folder), str(written.folder), "--as-of", DAY.isoformat()]
    assert main(words) == 1
    assert "made under an agreement" in " ".join(capsys.readouterr().err.split())
    late = ["national", str(written.folder), "--as-of", DAY.isoformat(), "--since", "2027-01-01"]
    assert main(late) == 1
    gone = [*words[:2], *words[3:], "--secrets", str(tmp_path / "none")]
    assert main(gone) == 1


def test_the_command_gives_a_snapshot_and_the_country_is_counted_of_it(
    world: World,
    agreement: SharingAgreement,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for person in people(world, 6):
        agrees(world, person)
    folder = tmp_path / "given"
    write = ["snapshot", "--as-of", DAY.isoformat(), "--staff", "director", "--to", str(folder)]
    assert main(write) == 1, "no folder without an agreement"
    assert main([*write, "--agreement", "A999999"]) == 1
    assert not folder.exists()
    assert main([*write, "--agreement", "A000001"]) == 0
    assert "6 persons who agree" in capsys.readouterr().out
    assert main([*write, "--agreement", "A000001"]) == 1, "never over an older one"
    capsys.readouterr()
    words = ["national", str(folder), "--as-of", DAY.isoformat(), "--code", "MED-OUT-01"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["figures"][0]["sums"][0]["numerator"] == 6
    assert told["left_out"] == Participation.objects.count() - 6
