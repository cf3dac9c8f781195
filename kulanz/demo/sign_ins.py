"""The demo company's staff. Their password is published, so they exist in demo mode only."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "musterladen-demo"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SignIn:
    role: str
    name: str
    email: str
    language: str
    password: str = PASSWORD


SIGN_INS = (
    SignIn("agent", "Mia Becker", "mia@musterladen.example", "de"),
    SignIn("agent", "Tom Hughes", "tom@musterladen.example", "en"),
    SignIn("curator", "Nora Lang", "nora@musterladen.example", "de"),
    SignIn("architect", "Ben Winter", "ben@musterladen.example", "de"),
    SignIn("architect", "Ida Sommer", "ida@musterladen.example", "de"),
    SignIn("supervisor", "Jonas Keller", "jonas@musterladen.example", "de"),
    SignIn("administrator", "Lena Hoffmann", "lena@musterladen.example", "de"),
)
