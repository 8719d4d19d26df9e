"""New versions of the program: found, checked, fetched, tried and put in place.

Most of it runs in a process of its own (``screenpop update-worker``), so that an app
that waits for calls neither loads it nor does its work. In the app live ``watch``,
which starts that process once a day, and ``desk`` for whoever asks.
"""
