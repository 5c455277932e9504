"""How well Pisar hears people, beside its peers: `make hear`, told of in docs/hearing.md."""
