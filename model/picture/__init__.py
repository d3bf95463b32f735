"""Pixels -> ink -> one digit in MNIST's geometry; independent of any network."""
