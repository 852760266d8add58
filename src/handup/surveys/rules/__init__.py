"""Pure rules of surveys: no Django, no clock, no query."""
