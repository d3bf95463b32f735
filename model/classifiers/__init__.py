"""The interface that every method of reading digits has in common, and the methods besides the network."""
