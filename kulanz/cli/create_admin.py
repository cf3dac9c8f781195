"""`kulanz create-admin EMAIL`: the first person of an installation."""

from __future__ import annotations

import argparse
import getpass
import sys

from kulanz.cli.database import database, ready_django
from kulanz.core.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    password = getpass.getpass("Password (12 characters or more): ") if sys.stdin.isatty() else sys.stdin.readline()
    with database(options):
        ready_django()
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email

        from kulanz.accounts.models import Role, User

        try:
            validate_email(options.email)
            validate_password(password.rstrip("\n"))
        except ValidationError as error:
            raise InvalidInput(" ".join(error.messages)) from error
        if User.objects.filter(email=options.email.lower()).exists():
            raise InvalidInput(f"There is a user {options.email} already.")
        User.objects.create_user(
            options.email, password.rstrip("\n"), name=options.name or options.email, role=Role.ADMINISTRATOR
        )
        print(f"{options.email} can sign in at the desk now.")
    return 0
