"""Tables of lending: lenders and products, applications and decisions, loans with their events and
rows, bank files, accounts, statements and payment orders.
"""

from handup.lending.models.accounts import BankAccount, LoanAccount
from handup.lending.models.applications import (
    Application,
    Appraisal,
    Decision,
    LoanAgreement,
    Vote,
)
from handup.lending.models.bank_lists import BankList, BankListLine
from handup.lending.models.banking import BankFile, BankLine
from handup.lending.models.changes import PayoffQuote
from handup.lending.models.collections import Collection, CollectionLine, StrayLine
from handup.lending.models.conditions import DecisionCondition
from handup.lending.models.documents import ApplicationDocument
from handup.lending.models.earlier import EarlierRecord
from handup.lending.models.follow_up import ArrearsContact
from handup.lending.models.grants import AssetTransfer, EnterpriseGrant, GrantTranche
from handup.lending.models.guarantees import GuaranteeCall, GuaranteeMove
from handup.lending.models.lenders import (
    CodeCounter,
    Facility,
    Guarantee,
    Lender,
    Product,
    ProductVersion,
)
from handup.lending.models.loans import (
    EventEffect,
    Loan,
    LoanDue,
    LoanEvent,
    LoanProposal,
    PaymentSplit,
)
from handup.lending.models.messages import (
    BorrowerLine,
    LineMessage,
    MessageKind,
    MessageState,
)
from handup.lending.models.old_books import OldBook, OldLoan
from handup.lending.models.passports import CreditPassport
from handup.lending.models.pathways import (
    GraduationDecision,
    Pathway,
    PathwayCheck,
    PathwayEnrolment,
    PathwayVersion,
)
from handup.lending.models.payments import PaymentBatch, PaymentOrder
from handup.lending.models.premiums import PremiumInsurer, PremiumLine, PremiumPayment
from handup.lending.models.provisions import ProvisionTable, RatioRecord
from handup.lending.models.savings import SavingsAccount, SavingsMove
from handup.lending.models.security import (
    CallPayment,
    Collateral,
    DeclaredTie,
    Guarantor,
    JointGroup,
    JointMember,
    SecurityCall,
)
from handup.lending.models.spans import LoanCure, LoanEnd, LoanPause
from handup.lending.models.statements import BankStatement, LineMatch, StatementLine
from handup.lending.models.stray import StrayCash, StrayWord
from handup.lending.models.tranches import LoanTranche

__all__ = [
    "Application",
    "ApplicationDocument",
    "Appraisal",
    "ArrearsContact",
    "AssetTransfer",
    "BankAccount",
    "BankFile",
    "BankLine",
    "BankList",
    "BankListLine",
    "BankStatement",
    "BorrowerLine",
    "CallPayment",
    "CodeCounter",
    "Collateral",
    "Collection",
    "CollectionLine",
    "CreditPassport",
    "Decision",
    "DecisionCondition",
    "DeclaredTie",
    "EarlierRecord",
    "EnterpriseGrant",
    "EventEffect",
    "Facility",
    "GraduationDecision",
    "GrantTranche",
    "Guarantee",
    "GuaranteeCall",
    "GuaranteeMove",
    "Guarantor",
    "JointGroup",
    "JointMember",
    "Lender",
    "LineMatch",
    "LineMessage",
    "Loan",
    "LoanAccount",
    "LoanAgreement",
    "LoanCure",
    "LoanDue",
    "LoanEnd",
    "LoanEvent",
    "LoanPause",
    "LoanProposal",
    "LoanTranche",
    "MessageKind",
    "MessageState",
    "OldBook",
    "OldLoan",
    "Pathway",
    "PathwayCheck",
    "PathwayEnrolment",
    "PathwayVersion",
    "PaymentBatch",
    "PaymentOrder",
    "PaymentSplit",
    "PayoffQuote",
    "PremiumInsurer",
    "PremiumLine",
    "PremiumPayment",
    "Product",
    "ProductVersion",
    "ProvisionTable",
    "RatioRecord",
    "SavingsAccount",
    "SavingsMove",
    "SecurityCall",
    "StatementLine",
    "StrayCash",
    "StrayLine",
    "StrayWord",
    "Vote",
]
