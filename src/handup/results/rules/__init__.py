"""Pure rules of figures: no Django, no clock, no query."""
