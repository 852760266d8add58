"""Lenders, products, applications, appraisal, loans, repayments, arrears."""
