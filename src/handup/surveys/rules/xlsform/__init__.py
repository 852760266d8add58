"""Questionnaires written in a spreadsheet (XLSForm): read, and every fault named with its cell
(surveys.md 4.1).

`faults.py` what may be wrong · `reading.py` bytes to sheets · `columns.py` and `types.py` what
headings and types mean · `definition.py` what a questionnaire says · `structure.py`, `choices.py`,
`expressions.py`, `languages.py`, `cycles.py` one kind of check each · `checking.py` all of them.
"""
