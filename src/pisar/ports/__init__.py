"""The interfaces to the outside that the rest of Pisar needs, as Protocols; adapters implement them.

In tests `tests/support/twins.py` implements them in memory. All calls are synchronous, safe to repeat unless their docstring says
otherwise, and may raise `Unavailable`.
"""
