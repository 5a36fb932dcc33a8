"""The provider's HTTP: /v1/chat/completions and /v1/models, and /_script and /_calls for who directs it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ops.fake_openai.script import Behaviour, Call, Script, reply_text

MODELS = ("gpt-6-luna",)
CHARACTERS_PER_TOKEN = 4


class Dropped(Response):
    """Promises a body and ends in its middle: the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "chatcmpl-', "more_body": True})


async def complete(request: Request) -> Response:
    """Answer a chat completion as the script says."""
    script: Script = request.app.state.script
    call = Call(dict(request.headers), await request.json(), "author")
    key = call.headers.get("idempotency-key", "")
    script.calls.append(call)
    if key in script.answered:
        call.is_repeated = True
        return JSONResponse(script.answered[key])
    behaviour = script.next_for(call.schema)
    call.behaviour = behaviour.kind
    unwell = await _trouble(behaviour)
    if unwell is not None:
        return unwell
    try:
        completion = _completion(call, behaviour)
    except (KeyError, ValueError) as error:
        return _error(400, "unknown_prompt", f"this model knows no answer: {error}")
    if key:
        script.answered[key] = completion
    return JSONResponse(completion)


async def _trouble(behaviour: Behaviour) -> Response | None:
    """Return the response of a provider that is not well; None when it goes on to answer."""
    if behaviour.kind == "status":
        return _error(behaviour.status, behaviour.code, "as scripted", behaviour.retry_after)
    if behaviour.kind == "drop":
        return Dropped()
    if behaviour.kind == "drip":
        return StreamingResponse(_drops(), media_type="application/json")
    if behaviour.kind == "page":
        return Response("<html>Please sign in to this network.</html>", media_type="text/html")
    if behaviour.kind == "stall":
        await asyncio.sleep(behaviour.seconds)
    return None


async def _drops() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.05)


def _error(status: int, code: str, message: str, retry_after: float | None = None) -> JSONResponse:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    body = {"error": {"message": message, "type": code, "code": code, "param": None}}
    return JSONResponse(body, status, headers)


def _completion(call: Call, behaviour: Behaviour) -> dict[str, Any]:
    """Return a chat completion. Raises KeyError or ValueError for a prompt no rule answers."""
    is_refused = behaviour.kind == "refuse"
    text = None if is_refused else reply_text(behaviour, call.schema, call.body)
    refusal = (behaviour.text or "I cannot help with that.") if is_refused else None
    sent = sum(len(message["content"]) for message in call.body["messages"])
    used = {
        "prompt_tokens": sent // CHARACTERS_PER_TOKEN,
        "completion_tokens": len(text or refusal or "") // 4,
    }
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": 0,
        "model": call.body.get("model", MODELS[0]),
        "choices": [
            {
                "index": 0,
                "finish_reason": "length" if behaviour.kind == "truncate" else "stop",
                "logprobs": None,
                "message": {"role": "assistant", "content": text, "refusal": refusal},
            }
        ],
        "usage": used | {"total_tokens": sum(used.values())},
    }


async def models(request: Request) -> Response:
    del request
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "homeroom"} for name in MODELS]
    return JSONResponse({"object": "list", "data": listed})


async def direct(request: Request) -> Response:
    """Replace the script by the list of behaviours in the body, and forget what was asked."""
    script: Script = request.app.state.script
    behaviours = [Behaviour(**one) for one in json.loads(await request.body() or b"[]")]
    script.reset()
    script.waiting.extend(behaviours)
    return Response(status_code=204)


async def calls(request: Request) -> Response:
    script: Script = request.app.state.script
    return JSONResponse([call.as_json() for call in script.calls])


def make_app(script: Script | None = None) -> Starlette:
    routes = [
        Route("/v1/chat/completions", complete, methods=["POST"]),
        Route("/v1/models", models),
        Route("/_script", direct, methods=["POST"]),
        Route("/_calls", calls),
    ]
    app = Starlette(routes=routes)
    app.state.script = script or Script()
    return app
