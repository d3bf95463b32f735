"""Memory that large pictures took goes back to the system once they are read."""

import ctypes

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE = 2_000_000  # bytes: more than what reading a strip takes at once


def give_back_large_blocks() -> None:
    """Have the C library give back each large block when it is freed.

    Left alone, glibc takes blocks as large as the largest that was freed for small ones, up to 32 MB, and keeps them: a
    service that once read large pictures would hold 200 MB more ever after. Other C libraries have no such knob.
    """
    mallopt = getattr(ctypes.pythonapi, "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
