"""What the law adds to a plan, by period: what may be sold or cross a border, duty and its refund, credits."""
