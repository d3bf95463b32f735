"""Layers, losses and the network made of them; knows no picture."""
