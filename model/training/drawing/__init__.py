"""What the project draws itself to train on: digits that MNIST has few of, and non-digits."""
