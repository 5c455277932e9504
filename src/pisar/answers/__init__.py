"""How a finished job's answer reaches who asked for it: a chat's messages, a client's callback."""
