"""Bytes of an image -> pixels: what each type, depth, shape and defect means. `app/images.py` is the way in."""
