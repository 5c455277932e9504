"""Terraform providers in Python, for rehearsals: Terraform itself plans and applies, and needs neither a registry nor a cloud.

Terraform talks plain gRPC (plugin protocol 6) to a provider that runs already, when TF_REATTACH_PROVIDERS says where.
"""
