"""What `results` carries to a successor: which figures a programme shows, and those it released."""

from handup.projects.movers import Counter, Mover

MOVER = Mover(
    "results",
    counters=(Counter("released figures", "results.ReleasedFigure"),),
)
