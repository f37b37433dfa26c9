"""The demo county: real divisions of Changwu, everything below them invented.

The modules here only compute; the command that stores their material is written elsewhere. They
must never open a database, read the clock or carry a real person: ID numbers start with 99, which
no division has, and phone numbers with 199. The same arguments give the same county, whatever the
order in which its parts are asked for.
"""
