"""Outreach, registration, households, enterprises, consent, eligibility, duplicates, referrals."""
