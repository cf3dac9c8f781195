"""Kulanz: an AI assistant and human agents share one conversation with the customer."""

__version__ = "0.1.0"
