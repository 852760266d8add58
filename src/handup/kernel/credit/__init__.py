"""The credit engine: terms, dates, schedules, allocation, arrears, payoff and annual rates.

One engine for plans, groups and lending. It knows no event, product or calendar: callers hand over
plain frozen values. Rationals made of integers, no float, rounding only where the terms name it.
"""
