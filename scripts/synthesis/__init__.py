"""Pictures to fit to and to measure on: pens, papers, marks and cameras; digits, strips and non-digits."""
