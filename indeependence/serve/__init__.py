"""A model behind HTTP, with a page to teach it: `indeependence serve`, and `Client` for programs.

limits, tokens and guard keep others out · gate (bodies become inputs) · changes, journal and keeper (what is learned is
on disk before it is acknowledged) · answers (predictions, from the newest weights) · app, routes and running (HTTP).
"""

from indeependence.serve.client import Client

__all__ = ["Client"]
