"""Material that the project draws itself: digits that MNIST has few of, and what is no digit."""
