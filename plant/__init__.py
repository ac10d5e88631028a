"""A plant's office: its certificates and users, and the collector of what its machines say. No machine needs it."""
