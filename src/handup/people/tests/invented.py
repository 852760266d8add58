"""Invented registers with known duplicates: families, common names, many spellings, slips of a pen.

Nobody in it lives. Everything follows from the seed.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from handup.people.rules.codes import BirthPrecision, Sex
from handup.people.rules.matching.records import Birth, Document, Record, name_of


def words(text: str) -> list[str]:
    return text.split()


WOMEN = words(
    "Mariam Anahit Hasmik Gayane Lusine Karine Nune Tatevik Astghik Hripsime Narine"
    " Ruzanna Armine Siranush Knarik Shushan Arpine Zaruhi Naira Lilit Satenik Varduhi Ani"
    " Sona Marine Gohar Susanna Heghine Nazeli Araksi"
)
MEN = words(
    "Armen Hovhannes Tigran Gevorg Karen Hayk Ashot Vahan Grigor Aram Artur Hakob Sargis"
    " Samvel Vardan Davit Levon Mkrtich Harutyun Petros Gagik Ruben Narek Hrant Suren"
    " Arsen Vazgen Khachik Zhirayr Babken"
)
OPENINGS = words("Ba Da Ga Ka Ha Sa Ma Na Ra Va Ter Zar Kar Mar Gri Ho Mi Pet Tor Sha Gha Kho Arz")
MIDDLES = words("ra to ga vi no su me za li da khu shi ne pa bo ri ge tsa jo hu")
ENDINGS = words("n r s k m ts l z d g")
SPELLINGS = (  # (as written here, as somebody else writes it)
    ("yan", "ian"), ("yan", "ean"), ("gh", "g"), ("kh", "x"), ("ts", "tz"), ("sh", "sch"),
    ("g", "k"), ("t", "d"), ("b", "p"), ("k", "g"), ("d", "t"), ("zh", "j"), ("h", ""),
    ("u", "ou"), ("v", "w"),
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Written:
    """A registration as it was written, before names are brought into normal form."""

    record: Record
    first: str
    last: str
    father: str

    def ready(self) -> Record:
        """Return the record to compare."""
        father = name_of(self.father).first
        return replace(self.record, names=(name_of(self.first, self.last),), father=father)


def _skewed(chance: Random, count: int, power: float = 2.0) -> int:
    """Draw a place below `count`, the first ones far more often."""
    return int(count * chance.random() ** power)


class Register:
    """Invented people and the true pairs among them.

    Somebody registered again comes without her household, so that relatives with one family name,
    one telephone and one father are the hard cases; `family` is how many live together at most.
    """

    def __init__(
        self, size: int, seed: int = 1, duplicate_share: float = 0.05, family: int = 5
    ) -> None:
        self.chance = Random(seed)
        self.surnames = self._surnames(max(size // 20, 300))
        self.written: list[Written] = []
        self.true_pairs: set[tuple[str, str]] = set()
        copies = int(size * duplicate_share)
        while len(self.written) < size - copies:
            self._family(min(self.chance.randint(1, family), size - copies - len(self.written)))
        for number, one in enumerate(self.chance.sample(self.written, copies)):
            copy = self._copied(one, f"copy{number:06}")
            self.written.append(copy)
            self.true_pairs.add((copy.record.id, one.record.id))
        self.chance.shuffle(self.written)

    def records(self) -> list[Record]:
        """Return all records ready to compare."""
        return [one.ready() for one in self.written]

    def _surnames(self, count: int) -> list[str]:
        draw = self.chance.choice
        made: dict[str, None] = {}
        while len(made) < count:
            middle = "".join(draw(MIDDLES) for _ in range(self.chance.randint(0, 2)))
            made[f"{draw(OPENINGS)}{middle}{draw(ENDINGS)}yan"] = None
        return list(made)

    def _family(self, members: int) -> None:
        """Add a head, a spouse and their children, who bear the father's name."""
        chance, given = self.chance, set[str]()
        last, home = self._surname(), f"home{len(self.written):06}"
        place = f"place{_skewed(chance, 400):03}"
        phone = f"0{chance.randrange(10**8):08}" if chance.random() < 0.75 else ""
        father, year = "", chance.randint(1945, 1985)
        her = chance.random() < 0.4  # the head is a woman
        for member in range(members):
            number = len(self.written)
            woman = her == (member == 0) if member < 2 else chance.random() < 0.5
            own = f"0{chance.randrange(10**8):08}" if chance.random() < 0.3 else phone
            papers = {Document("NATIONAL_ID", f"N{number}")} if chance.random() < 0.6 else set()
            first = self._given(WOMEN if woman else MEN, given)
            of_father = father if member > 1 else self._given(MEN, set())
            father = father or ("" if woman else first)
            record = Record(
                id=f"person{number:06}",
                birth=self._birth(year if member < 2 else year + 20 + 3 * member),
                sex=Sex.F if woman else Sex.M,
                phones=frozenset({own} - {""}),
                settlement=place,
                documents=frozenset(papers),
                household=home,
            )
            told = of_father if chance.random() < 0.8 else ""
            self.written.append(Written(record, first, last, told))

    def _surname(self) -> str:
        return self.surnames[_skewed(self.chance, len(self.surnames))]

    def _given(self, names: list[str], taken: set[str]) -> str:
        while (name := names[_skewed(self.chance, len(names), 1.5)]) in taken:
            pass
        taken.add(name)
        return name

    def _birth(self, year: int) -> Birth | None:
        kind = self.chance.random()
        day = date(year, 1, 1) + timedelta(days=self.chance.randrange(2 * 365))
        if kind < 0.02:
            return None
        if kind < 0.05:
            return Birth(day.replace(month=1, day=1))
        if kind < 0.08:
            return Birth(day.replace(month=1, day=1), BirthPrecision.YEAR)
        return Birth(day)

    def _copied(self, one: Written, id: str) -> Written:
        """Register somebody again, elsewhere, by somebody who writes otherwise."""
        chance, old = self.chance, one.record
        move, swap = chance.random() < 0.1, chance.random() < 0.03
        first, last = self._spelled(one.first), self._spelled(one.last)
        record = replace(
            old,
            id=id,
            birth=self._misread(old.birth),
            phones=old.phones if chance.random() < 0.6 else frozenset({f"copy{id}"}),
            settlement=f"place{_skewed(chance, 400):03}" if move else old.settlement,
            documents=old.documents if chance.random() < 0.3 else frozenset(),
            household="",
        )
        first, last = (last, first) if swap else (first, last)
        return Written(record, first, last, self._spelled(one.father))

    def _spelled(self, name: str) -> str:
        chance, text = self.chance, name.lower()
        if chance.random() < 0.5:
            return name
        for written, otherwise in chance.sample(SPELLINGS, 5):
            text = text.replace(written, otherwise)
        if chance.random() < 0.1 and text:
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(LETTERS) + text[at + 1 :]
        return text

    def _misread(self, birth: Birth | None) -> Birth | None:
        kind = self.chance.random()
        if birth is None or kind < 0.85:
            return birth
        if kind < 0.9:
            return Birth(birth.day.replace(month=1, day=1), BirthPrecision.YEAR)
        if kind < 0.95 and birth.day.day <= 12:
            return Birth(birth.day.replace(month=birth.day.day, day=birth.day.month))
        return Birth(birth.day.replace(day=min(birth.day.day + 10, 28)))
