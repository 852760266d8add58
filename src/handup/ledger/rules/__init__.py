"""What the books hold to, as pure functions over plain values: no Django, no clock, no query."""
