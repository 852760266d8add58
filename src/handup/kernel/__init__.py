"""Pure rules shared by three or more domains: no Django, no clock, no query, no file."""
