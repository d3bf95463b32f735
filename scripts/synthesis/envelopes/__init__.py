"""Whole mail pieces with labels: address, sender, stamp and postmark on paper, as a scanner or a phone sees them."""
