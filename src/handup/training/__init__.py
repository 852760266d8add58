"""Curricula, cohorts, sessions, attendance, tests, certificates, apprenticeships."""
