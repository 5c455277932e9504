"""The roles that the rest of Pisar needs of the outside, as Protocols. An adapter plays each; in tests one of `tests/support/twins.py`.

All calls are synchronous and safe to repeat unless said otherwise. Every one may raise `Unavailable`.
"""
