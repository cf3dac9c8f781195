"""The pure core: standard library only, frozen dataclasses, no input or output; the clock is passed in."""
