"""Serves moto on a free port of loopback, and prints its URL."""

import logging
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.server import MotoRequestHandler
from werkzeug.serving import make_server

moto = DomainDispatcherApplication(create_backend_app)
lock = Lock()


def serve(environ: dict[str, Any], start_response: Any) -> Any:
    """Handles DynamoDB calls one at a time: on AWS, conditional writes are atomic; moto does not lock its tables."""
    if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
        return moto(environ, start_response)
    with lock:
        return list(moto(environ, start_response))


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server(
    "127.0.0.1", 0, serve, threaded=True, request_handler=MotoRequestHandler
)
print(f"http://127.0.0.1:{server.port}", flush=True)
server.serve_forever()
