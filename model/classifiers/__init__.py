"""The one interface of every method that reads digits, and the methods beside the network."""
