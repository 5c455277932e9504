"""The cloud: gateway, functions, containers, triggers and storage, with the limits that its documents tell."""
