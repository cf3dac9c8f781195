"""Language models: optional, replaceable, limited, recorded. Start reading at `ask.py`."""
