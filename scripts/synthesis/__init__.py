"""Pictures to fit and to measure on: pens, papers, marks and cameras; digits, strips and non-digits."""
