"""The temporary folder that several workers share for their metrics: there before they start, and gone after them.

Nothing of prometheus-client is imported here: when it is, it looks once for the variable that names the folder.
"""

import os
import tempfile
from contextlib import AbstractContextManager, nullcontext

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable by which prometheus-client knows the folder."""


def made_for(workers: int) -> AbstractContextManager[object]:
    """Return the folder of processes that are started from now on; when left, it is removed. One worker needs none.

    Raises OSError where there is no place for temporary files.
    """
    os.environ.pop(VARIABLE, None)  # another service's, which would count ours as its own
    if workers == 1:
        return nullcontext()
    folder = tempfile.TemporaryDirectory(prefix="postal-digits-", ignore_cleanup_errors=True)
    os.environ[VARIABLE] = folder.name
    return folder
