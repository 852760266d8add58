"""Pure rules of people: states, eligibility, derived categories, ages. No Django, no clock."""
