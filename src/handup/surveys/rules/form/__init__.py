"""A compiled questionnaire (XForm) ready to be asked and checked: every expression prepared once.

`model.py` what a form is · `loading.py` an XForm becomes one · `texts.py` its labels per language ·
`filling.py` answers as a tree, from XML or from JSON · `steps.py` relevance, calculation and
choices for one set of answers · `recheck.py` every fault of a set of answers (surveys.md 4.4).
"""
