"""Programmes, phases, organisations, funding, budget lines, documents, lessons."""
