"""Frames while a command works: in a window, or on a page of this machine."""
