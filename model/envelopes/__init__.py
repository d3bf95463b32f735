"""A whole mail piece -> where its code is, and which way up."""
