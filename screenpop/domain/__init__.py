"""What a call is: pure types and rules, without I/O, clock or event loop."""
