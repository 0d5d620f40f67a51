"""What must be proven before it may be sold: standards by use, place and size, in order, and again after a change."""

from cellroad.engineering.certify.certifying import certify
from cellroad.engineering.certify.dwelling import dwelling
from cellroad.engineering.certify.planned import certificates, milestones
from cellroad.engineering.certify.product import REGIONS, USES, Product
from cellroad.engineering.certify.repeating import changes, recertify

__all__ = ["REGIONS", "USES", "Product", "certificates", "certify", "changes", "dwelling", "milestones", "recertify"]
