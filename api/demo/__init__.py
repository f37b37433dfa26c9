"""The demo county: real divisions of Changwu, everything below them invented.

build.py stores the county, with chronicle.py, settling.py, bookkeeping.py and posters.py; the
other modules only compute its material and must never open a database or read the clock. None
may ever carry a real person: ID numbers start with 99, which no division has, and phone numbers
with 199. The same arguments give the same county, whatever the order in which its parts are asked
for.
"""
