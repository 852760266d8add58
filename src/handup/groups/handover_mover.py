"""What `groups` carries to a successor: a group whole, with its own book, when all agreed."""

from handup.projects.movers import Counter, Mover

MOVER = Mover(
    "groups",
    nobody=("groups.Member",),
    served=("groups.Member",),
    whole=(("groups.Member", "group"), ("groups.Group", "book")),
    counters=(
        Counter("groups", "groups.Group", by=("kind", "status")),
        Counter("group facts", "groups.GroupFact", by=("name", "currency")),
    ),
)
