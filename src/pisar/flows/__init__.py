"""What Pisar does, step by step, against the roles of `pisar.ports`: no SDK, no environment, no clock of its own."""
