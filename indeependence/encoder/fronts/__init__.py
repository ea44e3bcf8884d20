"""Fronts: pretrained networks that inputs pass through before the quantiser and the layers."""
