"""`python -m ops.fake_openai PORT`: the provider as a program of its own, on loopback."""

import sys

import uvicorn

from ops.fake_openai.app import make_app


def main() -> None:
    uvicorn.run(make_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
