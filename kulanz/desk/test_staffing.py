"""Who may arrange whom, and files full of people."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from kulanz.accounts.models import Role, Team, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.routing_models import AgentSettings
from kulanz.desk.staff_import import do_import_agents
from kulanz.desk.staffing import AgentFacts, TeamFacts, do_new_password, do_save_agent, do_save_team

pytestmark = pytest.mark.django_db
FILE = """email;name;role;team;languages;skills;capacity
anna@example.org;Anna Ärmel;agent;Service;de en;refund_status;3
anna@example.org;Anna twice;agent;;;;
broken;Nobody;agent;;;;
bert@example.org;;agent;;;;
carl@example.org;Carl;king;;;;
dora@example.org;Dora;administrator;;;;
emil@example.org;Emil;agent;Elsewhere;;;
fred@example.org;Fred;agent;;deutsch!;;
gina@example.org;Gina;agent;;;;many
hugo@example.org;Hugo;agent;;;;2;one more

ida@example.org;<b>Ida</b>;;service;;;
"""


def user(role: str, name: str = "boss") -> User:
    return User.objects.create_user(f"{name}@example.org", name=name, role=role, language="en")


def test_the_good_rows_come_in_once_and_the_others_are_named() -> None:
    boss = user(Role.SUPERVISOR)
    Team.objects.create(name="Service")
    done = do_import_agents(FILE.encode(), boss)
    assert (done.added, done.known) == (2, 1)
    assert [(r.row, r.reason.split("“")[-1][:12]) for r in done.refused] == [
        (4, "broken” is n"), (5, "The name mus"), (6, "king”."), (7, "Only adminis"), (8, "Elsewhere”."),
        (9, "deutsch!” is"), (10, "Please write"), (11, "There are mo"),
    ]  # fmt: skip
    anna = User.objects.get(email="anna@example.org")
    own = AgentSettings.objects.get(user=anna)
    assert (anna.name, anna.team and anna.team.name, anna.has_usable_password()) == ("Anna Ärmel", "Service", False)
    assert (own.languages, own.skills, own.capacity) == (["de", "en"], ["refund_status"], {"": 3})
    again = do_import_agents(FILE.encode(), boss)
    assert (again.added, again.known, len(again.refused)) == (0, 3, 8)


def test_addresses_that_are_too_long_and_names_that_nobody_can_read() -> None:
    long = f"x@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.org"
    done = do_import_agents(f"email,name\n{long},Long\nodd@example.org,O\u202edd\n".encode(), user(Role.SUPERVISOR))
    assert [(row.row, row.reason[-20:]) for row in done.refused] == [
        (2, "most 254 characters."), (3, "that can't be shown."),
    ]  # fmt: skip


def test_files_of_spreadsheets_and_files_that_are_none() -> None:
    boss = user(Role.ADMINISTRATOR)
    windows = "Email,Name\r\nj@example.org,Jörg\r\n".encode("cp1252")
    assert do_import_agents(windows, boss).added == 1
    assert User.objects.get(email="j@example.org").name == "Jörg"
    for nothing in (b"", b"\x89PNG\r\n\x1a\n\0\0", b"a;b\n1;2\n"):
        with pytest.raises(InvalidInput, match="email and name"):
            do_import_agents(nothing, boss)


def test_ten_thousand_broken_rows(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    boss = user(Role.ADMINISTRATOR)
    rows = "\n".join(f"p{n}@example.org,P{n}" if n % 100 == 0 else f"broken{n},<P>" for n in range(10_000))
    with django_assert_max_num_queries(25):
        done = do_import_agents(f"email,name\n{rows}".encode(), boss)
    assert (done.added, len(done.refused), done.refused[0].row) == (100, 9_900, 3)
    with pytest.raises(InvalidInput, match="more than 10000 rows"):
        do_import_agents(f"email,name\n{rows}\nz@example.org,Z".encode(), boss)


def test_supervisors_arrange_agents_and_nobody_above_them() -> None:
    boss, chief = user(Role.SUPERVISOR), user(Role.ADMINISTRATOR, "chief")
    mia = do_save_agent(None, AgentFacts("Mia", "MIA@example.org"), boss)
    assert mia.email == "mia@example.org"
    assert mia.check_password(do_new_password(mia, boss))
    for whom, facts in (
        (mia, AgentFacts("Mia", "mia@example.org", role=Role.ADMINISTRATOR)),
        (chief, AgentFacts("Chief", "chief@example.org")),
    ):
        with pytest.raises(InvalidInput, match="Only administrators"):
            do_save_agent(whom, facts, boss)
    with pytest.raises(InvalidInput, match="Only administrators"):
        do_new_password(chief, boss)
    with pytest.raises(InvalidInput, match="last administrator"):
        do_save_agent(chief, AgentFacts("Chief", "chief@example.org", role=Role.AGENT), chief)


def test_names_and_addresses_are_given_once() -> None:
    boss = user(Role.ADMINISTRATOR)
    do_save_team(None, TeamFacts("Service"), boss)
    with pytest.raises(InvalidInput, match="this name"):
        do_save_team(None, TeamFacts("SERVICE"), boss)
    with pytest.raises(InvalidInput, match="this e-mail"):
        do_save_agent(None, AgentFacts("Else", "BOSS@example.org"), boss)
