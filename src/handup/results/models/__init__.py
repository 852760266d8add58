"""Tables of `results`: what a programme shows, what was told outside, what was frozen, reports."""

from handup.results.models.analyses import Analysis, FrozenEstimate
from handup.results.models.built import BuiltIndicator
from handup.results.models.columns import CountingSecret
from handup.results.models.exchange import ExchangeFile, ExchangeProfile, ImportedActivity
from handup.results.models.frozen import FrozenFigure, FrozenRow, Snapshot
from handup.results.models.logframe import FrozenTarget, LogframeRow, RowIndicator, Target
from handup.results.models.public_tables import PublicTable
from handup.results.models.reports import Narrative
from handup.results.models.shown import ProgrammeIndicator, ReleasedFigure
from handup.results.models.typed import Evidence, FrozenTyped, TypedValue
from handup.results.models.visits import VisitPhoto

__all__ = [
    "Analysis",
    "BuiltIndicator",
    "CountingSecret",
    "Evidence",
    "ExchangeFile",
    "ExchangeProfile",
    "FrozenEstimate",
    "FrozenFigure",
    "FrozenRow",
    "FrozenTarget",
    "FrozenTyped",
    "ImportedActivity",
    "LogframeRow",
    "Narrative",
    "ProgrammeIndicator",
    "PublicTable",
    "ReleasedFigure",
    "RowIndicator",
    "Snapshot",
    "Target",
    "TypedValue",
    "VisitPhoto",
]
