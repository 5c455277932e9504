"""Delivers a finished job's answer: into a chat's messages, or by a callback to a client."""
