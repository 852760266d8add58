"""Questionnaires, rounds, answers: baseline and follow-up."""
