"""Layers, losses and the network made of them; independent of what its images show."""
