"""Write an artifact's network as an ONNX file, for other runtimes.

Its input is `pixels` (N, 28, 28) float32, 0 to 255, ink bright on dark as in MNIST; its output `probabilities` (N, 10).
Normalisation and temperature are included. A committee's file holds all members and views, and every picture is shown
to all of them: the answers are the committee's, but each takes the time of all. Needs the `bench` extra.

Example: python scripts/export_onnx.py model/weights/cnn.npz cnn.onnx
"""

import argparse
import sys
from pathlib import Path

from model import artifact
from model.arrays import ArtifactError
from model.classifiers.committee import Committee
from model.engine.network import Network


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", type=Path, help="the artifact to read (.npz)")
    parser.add_argument("file", type=Path, help="the file to write (.onnx)")
    options = parser.parse_args()
    import onnx

    from onnx_graph import exported

    try:
        loaded = artifact.load_digits(options.artifact)
        if not isinstance(loaded.classifier, Network | Committee):
            kind = loaded.header["kind"]
            raise ArtifactError(f"{options.artifact} holds a {kind}; only networks can be exported")
        onnx.save(exported(loaded.classifier), options.file)
    except (OSError, ValueError) as error:
        print(f"export_onnx.py: {error}", file=sys.stderr)
        return 1
    print(f"Wrote {options.file}: {loaded.name} {loaded.version}, {options.file.stat().st_size} bytes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
