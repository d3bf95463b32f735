"""Endpoints to compare the service with: the same network in ONNX Runtime, and one with a constant answer.

Each is what a developer would write in an afternoon, on the same FastAPI and uvicorn.
"""

import io
import os
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import Body, FastAPI
from PIL import Image

MODEL_VARIABLE = "PEER_ONNX"
"""The environment variable that names the ONNX file."""


def constant() -> FastAPI:
    """Return an app that gives the same answer to every picture."""
    app = FastAPI()

    @app.post("/predict")
    async def predict(picture: Annotated[bytes, Body()]) -> dict[str, Any]:  # noqa: ARG001  # received, but not looked at
        return {"text": "7", "confidence": 0.99}

    return _with_health(app)


def onnx() -> FastAPI:
    """Return an app that reads 28 × 28 pictures with the network that scripts/export_onnx.py wrote, one thread."""
    import onnxruntime  # only one of the two peers needs it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = Path(os.environ[MODEL_VARIABLE])
    session = onnxruntime.InferenceSession(path.read_bytes(), options, ["CPUExecutionProvider"])
    app = FastAPI()

    @app.post("/predict")
    def predict(picture: Annotated[bytes, Body()]) -> dict[str, Any]:
        with Image.open(io.BytesIO(picture)) as image:
            pixels = np.asarray(image.convert("L"), np.float32)[None]
        (probabilities,) = session.run(None, {"pixels": pixels})[0]
        best = int(probabilities.argmax())
        return {"text": str(best), "confidence": float(probabilities[best]), "probabilities": probabilities.tolist()}

    return _with_health(app)


def _with_health(app: FastAPI) -> FastAPI:
    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    return app
