"""Local stand-ins for the vendors' clouds: their APIs, their webhooks, their faults.

Written from the vendors' documents, apart from the adapters: what the adapter and
the simulator read differently shows in a test.
"""
