"""How many groups have a trained head, by kind."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.trained import TrainedHeads, trained_heads
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import FiguresPage, Table
from handup.training.views.qualifications import share


class TrainedHeadsPage(FiguresPage):
    """Groups with a trained head, each share with its two counts."""

    permission = "groups.view_group"
    title = _("Groups with a trained head")
    intro = _("A head holds an office today; she is trained when she completed any course.")

    def tables(self) -> Sequence[Table]:
        """One line a kind."""
        columns = (
            Column("kind", _("Kind"), value=lambda line: str(line.kind.label)),
            Column("groups", _("Groups"), Kind.NUMBER),
            Column("with_trained", _("With a trained head"), Kind.FIGURE, value=_groups),
            Column("trained", _("Heads who are trained"), Kind.FIGURE, value=_heads),
        )
        lines = trained_heads(self.staff, timezone.localdate())
        empty = EmptyState(_("No groups yet"), _("Heads are counted once groups elect them."))
        return [Table(_("By kind"), columns, lines, empty=empty)]


def _groups(line: TrainedHeads) -> str:
    return share(line.with_trained, line.groups)


def _heads(line: TrainedHeads) -> str:
    return share(line.trained, line.heads)
