"""What a worker does with a job: queue it, claim it, transcribe, answer, finish, and clean up."""
