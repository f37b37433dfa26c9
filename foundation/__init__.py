"""Ground floor: one database, one clock, one keyring, one audit log.

Knows nothing of villages, points or HTTP, and imports nothing from the floors above.
"""
