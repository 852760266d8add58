"""Spellings too far apart for the skeleton key, as data: what an installation starts with.

Each pair is a spelling and the name it means; `names.alias_table` makes the table of them. An
installation adds its own. A pair whose keys meet anyway has no place here (a test says so).
"""

STARTING: tuple[tuple[str, str], ...] = (
    ("Оганесян", "Hovhannisyan"),
    ("Оганнисян", "Hovhannisyan"),
    ("Оганес", "Hovhannes"),
    ("Оганнес", "Hovhannes"),
    ("Mgrdichian", "Mkrtchyan"),
    ("Megerdichian", "Mkrtchyan"),
    ("Агаронян", "Aharonyan"),
    ("Ваган", "Vahan"),
    ("Ваграм", "Vahram"),
    ("Ваге", "Vahe"),
    ("Иоаннисян", "Hovhannisyan"),
    ("Шаген", "Shahen"),
    ("Мгер", "Mher"),
    ("Магомед", "Mohammed"),
    ("Магомедов", "Mohammedov"),
)
