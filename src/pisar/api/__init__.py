"""What clients of the HTTP API can do: jobs, and transcripts in the same request."""
