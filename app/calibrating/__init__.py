"""A calibration of one's own from labelled pictures: the labels, the readings, the tables and plots."""
