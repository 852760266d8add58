"""Pure rules of projects: pairs of amounts, dates of known precision, states. No Django, no
clock."""
