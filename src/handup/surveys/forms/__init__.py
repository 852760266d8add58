"""Forms of surveys; the form of a questionnaire is made from its questions."""
