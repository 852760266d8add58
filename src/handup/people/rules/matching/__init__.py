"""Who may be one person twice: found by keys, weighed field by field, explained, never merged.

Pure and the same on a phone, a laptop and a server. A *record* is what is compared of a person; a
*block* is a value two records must share to be compared at all; an *outcome* says how well one
field fits; a *model* says what an outcome weighs, in bits. Source: people.md 4.7, after Fellegi and
Sunter (1969); the estimate after FEBRL. Weights are likelihoods, never money.

records   what is compared, as plain values
blocks    the values that find a pair, and the blocks too large to look through
fits      how well two values fit: names, birth dates, documents …
scheme    several fits in a row and what their outcomes weigh
model     the weights as data: `fixed-1`, and to JSON and back
decide    prior, probability, guards, verdict and the sum that explains it
engine    a whole batch at once, or one newcomer against a register
estimate  weights from the records themselves (EM): a proposal for a person to adopt
"""
