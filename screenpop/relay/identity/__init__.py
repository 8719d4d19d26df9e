"""Who may do what at the team's broker: keys, and the signed statements about them.

NATS calls this decentralised authentication: an operator signs accounts, an account
signs users, and the broker believes what is signed. It needs no list of devices, and a
device's key is made on the device and never leaves it.
"""
