"""Pure rules of training: no Django, no clock, no query."""
