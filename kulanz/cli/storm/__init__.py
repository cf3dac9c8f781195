"""Customers who confirm while everything around them dies: what `kulanz faults` does, and what it proves."""
