"""The child: takes a request from standard input, becomes harmless, reads one file, writes what it found.

Started as a script by an isolated Python with an empty environment, so it finds our packages by where it lies.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_threads] = "1"  # each thread costs address space, and there is one child per core
os.environ["TMPDIR"] = str(Path.cwd())  # the parent made it for us, and removes it

from api.extraction.confinement import limit_resources, lock_down  # noqa: E402 - only now can it be found
from api.extraction.limits import Request  # noqa: E402
from api.extraction.refusals import ExtractionRefusedError, RefusalCode, is_out_of_memory  # noqa: E402
from api.extraction.result import Extraction  # noqa: E402


def main() -> None:
    """Answer one request. Nothing a file does gets past here, but for what kills the process."""
    request = Request.model_validate_json(sys.stdin.buffer.read())
    answers_to = _only_channel()
    limit_resources(request.limits, request.memory_bytes)
    answer: dict[str, object]
    try:
        answer = {"extraction": _read(request).model_dump(mode="json")}
    except ExtractionRefusedError as refusal:
        answer = {"refused": refusal.code}
    except Exception as error:  # noqa: BLE001 - whatever a library throws, it is the file that is broken
        code = RefusalCode.OUT_OF_MEMORY if is_out_of_memory(error) else RefusalCode.DAMAGED
        answer = {"refused": code}
    _answer(answers_to, answer)


def _only_channel() -> int:
    """Return a descriptor of what was standard output, which libraries can then no longer write into."""
    channel = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return channel


def _read(request: Request) -> Extraction:
    from api.extraction.reading import prepare  # noqa: PLC0415 - under the limits

    content = _content(request)
    read = prepare(request, content)
    lock_down()
    return read(content)


def _content(request: Request) -> bytes:
    with request.path.open("rb") as file:
        content = file.read(request.limits.file_bytes + 1)
    if len(content) > request.limits.file_bytes:
        raise ExtractionRefusedError(RefusalCode.TOO_LARGE)
    return content


def _answer(channel: int, answer: dict[str, object]) -> None:
    waiting = memoryview(json.dumps(answer).encode())
    while waiting:
        waiting = waiting[os.write(channel, waiting) :]
    os._exit(0)  # at once: what a hostile file left in the libraries must not run on the way out


if __name__ == "__main__":
    main()
