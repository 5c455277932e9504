"""Where settings meet adapters: one module for each deployable, which imports only what that deployable needs."""
