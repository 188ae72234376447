"""Fault tests that can fail: processes are killed, crowded and starved, and what is left is counted.

`make chaos` plays them long; the ordinary tests play them short.
"""
