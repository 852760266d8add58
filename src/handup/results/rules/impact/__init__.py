"""Did life get better, and how sure is it? Every statistic of results.md 4.6, S1 to S13.

Numbers are floats; shares lie between 0 and 1; intervals are of 95 % and closed. Fewer than five
answers give no result (None), never a number that looks like one.
"""
