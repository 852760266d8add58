"""What `results` carries to a successor: which figures a programme shows, and those it released."""

from handup.projects.movers import Counter, Mover

FROZEN = "frozen figures are proved by the house that froze them; the released ones go"
OWN_NAME = "identifiers are those of the house that publishes under them"

PROMISED = "what was promised to a funder is answered for by who promised it"

MOVER = Mover(
    "results",
    stays={
        "results.Snapshot": FROZEN,
        "results.FrozenFigure": FROZEN,
        "results.FrozenRow": FROZEN,
        "results.ExchangeProfile": OWN_NAME,
        "results.ExchangeFile": OWN_NAME,
        "results.ImportedActivity": "what partners tell of themselves; it is published, ask them",
        "results.BuiltIndicator": "its lines of text are copied by hand",
        "results.VisitPhoto": "who is on it agreed towards this house; she is asked again",
        "results.CountingSecret": "a secret between this house and who counts; ask for a new one",
        "results.Analysis": "a study is the word of the house that planned it",
        "results.FrozenEstimate": FROZEN,
        "results.FrozenTarget": FROZEN,
        "results.FrozenTyped": FROZEN,
        "results.PublicTable": FROZEN,
        "results.TypedValue": PROMISED,
        "results.Evidence": PROMISED,
        "results.LogframeRow": PROMISED,
        "results.RowIndicator": PROMISED,
        "results.Target": PROMISED,
        "results.Narrative": "a report is the word of the house that sent it",
    },
    counters=(Counter("released figures", "results.ReleasedFigure"),),
)
