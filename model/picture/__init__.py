"""Pixels -> ink -> one digit in MNIST's geometry; knows no network."""
