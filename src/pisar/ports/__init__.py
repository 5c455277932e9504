"""The roles that the rest of Pisar needs of the outside, as Protocols. An adapter plays each; a `Memory…` twin does in the tests.

All calls are synchronous and safe to repeat unless said otherwise. Every one may raise `Unavailable`.
"""
