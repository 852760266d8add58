"""What `surveys` carries to a successor: rounds with the answers of those who agreed."""

from handup.projects.movers import Counter, Mover

MOVER = Mover(
    "surveys",
    needed=("surveys.Questionnaire", "surveys.QuestionnaireVersion"),
    under={"surveys.Question": "version", "surveys.CompiledForm": "version"},
    stays={
        "surveys.UnplacedAnswers": "nobody knows whose answers they are",
        "surveys.UnplacedFile": "nobody knows whose pictures they are",
        "surveys.ArrivingFile": "pictures on their way stay with whoever sends them",
        "surveys.PaperEntry": "papers not handed in stay with who types them",
    },
    counters=(Counter("answers", "surveys.Submission", by=("case__round__kind",)),),
)
