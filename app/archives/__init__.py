"""Archives of pictures -> readings, every picture exactly once: listed, divided into blocks, read, written in parts."""
