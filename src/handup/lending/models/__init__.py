"""Tables of lending: lenders and products, applications and decisions, loans with their events and
rows, bank files.
"""

from handup.lending.models.applications import (
    Application,
    Appraisal,
    Decision,
    LoanAgreement,
    Vote,
)
from handup.lending.models.banking import BankFile, BankLine
from handup.lending.models.grants import AssetTransfer, EnterpriseGrant, GrantTranche
from handup.lending.models.lenders import (
    CodeCounter,
    Facility,
    Guarantee,
    Lender,
    Product,
    ProductVersion,
)
from handup.lending.models.loans import (
    Loan,
    LoanDue,
    LoanEvent,
    LoanProposal,
    PaymentSplit,
)
from handup.lending.models.provisions import ProvisionTable, RatioRecord

__all__ = [
    "Application",
    "Appraisal",
    "AssetTransfer",
    "BankFile",
    "BankLine",
    "CodeCounter",
    "Decision",
    "EnterpriseGrant",
    "Facility",
    "GrantTranche",
    "Guarantee",
    "Lender",
    "Loan",
    "LoanAgreement",
    "LoanDue",
    "LoanEvent",
    "LoanProposal",
    "PaymentSplit",
    "Product",
    "ProductVersion",
    "ProvisionTable",
    "RatioRecord",
    "Vote",
]
