"""The expressions of questionnaires: XPath 1.0 with the functions of XLSForm, read, checked and
evaluated without `eval` (surveys.md 4.1).

`faults.py` what may be wrong and where · `lexer.py` text to tokens · `tree.py` what is read ·
`parser.py` tokens to tree · `functions.py` the functions there are · `check.py` every fault of one
expression · `nodes.py` the answers as a tree · `values.py` conversions · `days.py` dates ·
`library.py` what each function does · `compiling.py` tree to something that is called.
"""
