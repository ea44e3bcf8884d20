"""A model behind HTTP, with a page to teach it: `indeependence serve`, and `Client` for programs.

limits, tokens, heads and guard keep others out · bodies and gate make inputs of requests · state, journal, events and
keeper: what is learned is on disk before it is acknowledged · beginning and strokes: models from nothing · solving and
answers: predictions from the newest weights · service, facts, schemas, app, site, metrics and running: HTTP.
"""

from indeependence.serve.client import Client

__all__ = ["Client"]
