"""What `plans` carries to a successor: plans of those who agreed, with visits and actual months."""

from handup.projects.movers import Counter, Mover

MOVER = Mover(
    "plans",
    nobody=("plans.Plan",),
    paths={"plans.Segment": "programme_id"},
    counters=(Counter("plans", "plans.Plan", by=("state",)),),
)
