"""The HTTP API that needs no engine, request in and response out, for whatever serves it: a cloud function or a server."""
