"""What clients of the HTTP API do: jobs, and transcripts in the same request."""
