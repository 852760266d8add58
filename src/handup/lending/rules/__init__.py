"""Pure rules of lending: the fold over loan events, eligibility, ratios, bank files. No Django, no
clock.
"""
