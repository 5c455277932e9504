"""What keeps the local cloud from running, said to the person who started it."""


class CannotStart(Exception):
    """A part of the local cloud does not run; the message says which, why and what to do, without a secret."""
