"""A text whose vectors are computed at most once, and only if somebody needs them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.embedder import embedder, reader


class LazyVector:
    """The vectors of `text`, each of shape (384,) and unit length, at about 5 ms of two cores each. Many messages are
    understood without."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def value(self) -> NDArray[np.float32]:
        """Where the text lies among passages."""
        vector: NDArray[np.float32] = embedder().query([self.text])[0]
        return vector

    @cached_property
    def reading(self) -> NDArray[np.float32]:
        """Where it lies among wishes and feelings."""
        vector: NDArray[np.float32] = reader().vectors([self.text])[0]
        return vector


class KnownVector(LazyVector):
    """A vector for reading that need not be computed."""

    def __init__(self, text: str, value: NDArray[np.float32]) -> None:
        super().__init__(text)
        self.__dict__["reading"] = value  # where `cached_property` keeps it
