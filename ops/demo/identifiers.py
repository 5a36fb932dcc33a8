"""UUIDv7s that follow from the seed and the simulated time, made by the million."""

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Milliseconds = npt.NDArray[np.int64]

_HEX_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_HYPHENS = [8, 13, 18, 23]
_DIGITS = [position for position in range(36) if position not in _HYPHENS]


def uuid7_strings(milliseconds: Milliseconds, random: np.random.Generator) -> pl.Series:
    """Return one canonical UUIDv7 string per entry, its time the given Unix millisecond (RFC 9562 §5.7).

    `core.ids.new_id` asks the operating system for time and chance; a simulation must ask its seed.
    """
    octets = random.integers(0, 256, size=(len(milliseconds), 16), dtype=np.uint8)
    for position in range(6):
        octets[:, position] = (milliseconds >> (8 * (5 - position))) & 0xFF
    octets[:, 6] = (octets[:, 6] & 0x0F) | 0x70
    octets[:, 8] = (octets[:, 8] & 0x3F) | 0x80
    return _as_strings(octets)


def _as_strings(octets: npt.NDArray[np.uint8]) -> pl.Series:
    """Write each row of 16 octets as 8-4-4-4-12 hexadecimal digits, without a Python loop over rows."""
    digits = np.empty((len(octets), 32), dtype=np.uint8)
    digits[:, 0::2] = _HEX_DIGITS[octets >> 4]
    digits[:, 1::2] = _HEX_DIGITS[octets & 0x0F]
    text = np.full((len(octets), 36), ord("-"), dtype=np.uint8)
    text[:, _DIGITS] = digits
    offsets = np.arange(0, 36 * (len(octets) + 1), 36, dtype=np.int64)
    array = pa.LargeStringArray.from_buffers(len(octets), pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
    return pl.Series(pl.from_arrow(array))
