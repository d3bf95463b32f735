"""Makes the scripts importable, as they are to each other: from their own folder."""

import sys

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
