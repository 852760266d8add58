"""Pages of a programme's figures: of those programmes alone whose figures she reads."""

from typing import Any

from handup.org.web.pages import RecordPage
from handup.projects.models import Programme


class FiguresOfProgramme(RecordPage):
    """A page of one programme's figures."""

    model = Programme
    permission = "results.view_figure"

    def rows(self) -> Any:
        """The programmes her grants for figures reach; to know of a programme is not enough."""
        return Programme.objects.reached_with(self.staff, self.permission)
