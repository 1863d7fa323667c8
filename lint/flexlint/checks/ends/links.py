"""Who talks to whom: the tunnels of one device that lead to the other, with what each side brings along.

Comes in: two devices. Goes out: `Link`, the start of a session from one to the other. Nothing here judges.
"""
