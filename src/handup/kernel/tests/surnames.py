"""Surnames as they are formed in Armenian, each written as seven offices write it.

Nobody in it lives: roots (given names, trades) with the endings and titles surnames have. The
tables of letters are those of passports, of Russian papers, of the Western pronunciation of the
diaspora, of French and of German usage, and of scholars.
"""

from collections.abc import Mapping
from typing import TypeAlias


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


ROOTS = words(
    "Աբրահամ Ադամ Ալեքսան Ազատ Անդրեաս Աշոտ Ավագ Ավետիս Արամ Արշակ Արսեն Արտեմ Արտաշես Բաբկեն "
    "Բաղդասար Բարսեղ Գաբրիել Գալուստ Գասպար Գարեգին Գարսևան Գեղամ Գևորգ Գրիգոր Դավիթ Դանիել "
    "Եգան Եղիազար Եսայի Երեմիա Զաքար Զոհրաբ Թադևոս Թևոս Թորոս Իսահակ Իսրայել Լևոն Լուսիկ "
    "Խաչատուր Խոսրով Կարապետ Կիրակոս Կոստան Հակոբ Համազասպ Հայրապետ Հարություն Հովակիմ "
    "Հովհաննես Հովսեփ Հրանտ Ղազար Ղահրաման Ղևոնդ Ղուկաս Մաթևոս Մանուկ Մանուչար Մարգար "
    "Մարտիրոս Մելքոն Մեսրոպ Մինաս Միքայել Մկրտիչ Մնացական Մովսես Մուրադ Նազար Նահապետ Ներսես "
    "Նիկողոս Նշան Շահբազ Շահնազար Շմավոն Ոսկան Չախմախ Պապ Պետրոս Պողոս Ջանիբեկ Ռաֆայել Ռուբեն "
    "Սահակ Սամվել Սարգիս Սարդար Սեդրակ Սիմոն Ստեփան Սուրեն Վահան Վարդան Վարդապետ Վասիլ Տիգրան "
    "Տիրատուր Փանոս Փիլիպոս Քալանթար Քեշիշ Օհան Օհանջան "
)
FORMS = ("{}յան", "Տեր{}յան", "Մելիք{}յան", "{}ունց", "{}ենց", "{}ունի")

East: TypeAlias = Mapping[str, str]
LETTERS = "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցփքօֆ"
EASTERN: East = dict(
    zip(
        LETTERS,
        words("a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts p k o f"),
        strict=True,
    )
)
RUSSIAN: East = dict(
    zip(
        LETTERS,
        words("а б г д е з э ы т ж и л х ц к г дз г ч м й н ш о ч п дж р с в т р ц п к о ф"),
        strict=True,
    )
)
WESTERN: East = dict(EASTERN) | {
    "բ": "p", "պ": "b", "գ": "k", "կ": "g", "դ": "t", "տ": "d", "ձ": "ts", "ծ": "dz", "ճ": "j",
    "ջ": "ch",
}  # fmt: skip
FRENCH: East = dict(EASTERN) | {"շ": "ch", "չ": "tch", "ճ": "tch", "ջ": "dj", "ժ": "j"}
GERMAN: East = dict(EASTERN) | {
    "շ": "sch",
    "չ": "tsch",
    "ճ": "tsch",
    "ջ": "dsch",
    "խ": "ch",
    "վ": "w",
}
SCHOLARS: East = dict(EASTERN) | {
    "շ": "š", "չ": "č", "ճ": "č", "ջ": "ǰ", "ժ": "ž", "խ": "x", "ղ": "ġ", "ց": "c", "ծ": "c",
    "ձ": "j", "ը": "ə",
}  # fmt: skip


def written(name: str, letters: East, u: str, ev: str, yan: str, start: tuple[str, str]) -> str:
    """A name in other letters: the sounds of two letters first, then letter by letter."""
    text = name.lower()
    ends = text.endswith("յան")
    text = text[:-3] if ends else text
    text = text.replace("ու", "\x01").replace("և", "\x02")
    found = "".join(letters.get(sign, sign) for sign in text)
    if text.startswith("ե"):
        found = start[0] + found[1:]
    if text.startswith("ո"):
        found = start[1] + found[1:]
    found = found.replace("\x01", u).replace("\x02", ev)
    return (found + (yan if ends else "")).capitalize()


def spellings(name: str) -> tuple[str, ...]:
    """A surname as seven offices write it."""
    return (
        name,
        written(name, EASTERN, "u", "ev", "yan", ("ye", "vo")),
        written(name, RUSSIAN, "у", "ев", "ян", ("е", "во")),
        written(name, WESTERN, "ou", "ev", "ian", ("ye", "vo")),
        written(name, FRENCH, "ou", "ev", "ian", ("ye", "vo")),
        written(name, GERMAN, "u", "ew", "jan", ("je", "wo")),
        written(name, SCHOLARS, "u", "ew", "ean", ("e", "o")),
    )


def surnames() -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(form.format(root).capitalize() for form in FORMS for root in ROOTS))
