"""The records behind a programme's figures up to a day; and the funnel from open day to job."""

from handup.results.gathering import Source
from handup.training.queries import funnel_enrolments
from handup.training.rules.funnel import Step

APPRENTICE_STEPS = (Step.ATTENDED_OPEN_DAY, Step.STARTED, Step.COMPLETED, Step.PLACED)


class Facts(Source):
    """What one programme's records say up to the end of a day, `without` persons left out."""

    def funnel(self, upto: int) -> set[str]:
        """Persons who passed the first `upto` steps from open day to permanent job."""
        rows = funnel_enrolments(
            programme_id=self.programme.pk,
            steps=APPRENTICE_STEPS[:upto],
            on=self.cut_off,
            month=6 if upto == len(APPRENTICE_STEPS) else None,
            without=self.without,
        )
        return {str(self.whose(pk)) for pk in rows.values_list("person_id", flat=True)}
