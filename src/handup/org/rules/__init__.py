"""Pure rules of access: no Django, no query, no clock."""
