"""The forms of teams and agents. Django checks and renders them; what is stored is checked again where it is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kulanz.accounts.models import Role, Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.routing import ANY, MOST_MINUTES
from kulanz.desk import wording
from kulanz.desk.hours import WEEKDAYS
from kulanz.desk.routing_models import CAPACITY, AgentSettings, TeamSettings
from kulanz.desk.routing_words import channel_texts
from kulanz.desk.staffing import MOST_EMAIL, AgentFacts, TeamFacts
from kulanz.desk.team_hours import check_week
from kulanz.understanding.examples import intent_names, titles
from kulanz.understanding.intents import NONE_OF_THEM

MOST_AT_A_TIME = 100


class Codes(forms.CharField):
    """Language codes with commas or spaces between them, as a tuple."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=200, required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(re.findall(r"[^\s,;]+", super().clean(value).casefold())))
        for code in codes:
            if not re.fullmatch(r"[a-z]{2,3}", code):
                raise forms.ValidationError(_("“{code}” is no code of a language.").format(code=code[:20]))
        return codes


def subject_choices(language: str, kept: Iterable[str] = (), *, reasons: bool = False) -> list[tuple[str, str]]:
    """Every intent by its title, sorted; `kept` are those chosen before that may be gone. `reasons`: sensitive
    matters too, which are told by why a person is needed."""
    known = titles(language)
    names = {name for name in (*intent_names(), *kept) if name != NONE_OF_THEM}
    found = sorted(((name, known.get(name) or wording.intent_label(name)) for name in names), key=lambda c: c[1])
    return [("sensitive", wording.handover_reason("sensitive")), *found] if reasons else found


class TeamForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    distribution = forms.BooleanField(
        label=gettext_lazy("Automatic distribution"),
        help_text=gettext_lazy(
            "Waiting conversations are given to agents who are there. Off: agents take them from the queue."
        ),
        required=False,
    )
    react_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to react"),
        help_text=gettext_lazy("Whoever does nothing for so long loses the conversation to a colleague."),
        min_value=1, max_value=MOST_MINUTES, initial=5,
    )  # fmt: skip
    priority = forms.IntegerField(
        label=gettext_lazy("Priority in minutes"),
        help_text=gettext_lazy("Everybody in this queue is served as if they had waited so much longer."),
        min_value=0, max_value=MOST_MINUTES, initial=0,
    )  # fmt: skip
    languages = Codes(
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("Codes such as de, en. Empty: all."),
    )
    subjects = forms.MultipleChoiceField(
        label=gettext_lazy("Subjects (none: all)"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, team: Team | None = None, language: str = "de") -> None:
        own = (TeamSettings.objects.filter(team=team).first() if team else None) or TeamSettings()
        initial = {
            "name": team.name if team else "", "distribution": own.distribution, "languages": own.languages,
            "react_minutes": own.react_minutes, "priority": own.priority, "subjects": own.subjects,
            **{day: ", ".join(spans) for day, spans in own.week.items()},
        }  # fmt: skip
        super().__init__(data, initial=initial, label_suffix="")
        _choices(self, "subjects", subject_choices(language, set(own.subjects) - {"sensitive"}, reasons=True))
        for number, day in enumerate(WEEKDAYS):
            self.fields[day] = forms.CharField(label=DAY_NAMES[number], max_length=100, required=False)

    def days(self) -> list[Any]:
        return [self[day] for day in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            values["week"] = check_week({day: values.get(day, "") for day in WEEKDAYS})
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error
        return values

    def facts(self) -> TeamFacts:
        v = self.cleaned_data
        return TeamFacts(
            v["name"], v["languages"], tuple(v["subjects"]), v["priority"], v["distribution"], v["react_minutes"],
            v["week"],
        )  # fmt: skip


class AgentForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=MOST_EMAIL)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the desk"), choices=[("de", "Deutsch"), ("en", "English")]
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=gettext_lazy("Team"), required=False, empty_label="–"
    )
    languages = Codes(
        label=gettext_lazy("Languages"),
        help_text=gettext_lazy("Codes such as de, en. Empty: the language of the desk."),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Conversations at a time"),
        help_text=gettext_lazy("By each channel that has no number of its own."),
        min_value=0,
        max_value=MOST_AT_A_TIME,
        initial=CAPACITY,
    )
    away_from = forms.DateField(
        label=gettext_lazy("Away from"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    away_until = forms.DateField(
        label=gettext_lazy("Away until"),
        help_text=gettext_lazy("The last day; without it, until you change it."),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("Knows best"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, by: User, user: User | None = None) -> None:
        own = (AgentSettings.objects.filter(user=user).first() if user else None) or AgentSettings()
        super().__init__(data, initial=_agent_values(user, own, by), label_suffix="")
        roles = Role.choices if by.is_administrator else [(Role.AGENT, Role.AGENT.label)]
        _choices(self, "role", roles)
        _choices(self, "skills", subject_choices(by.language, own.skills))
        for name, channel in channel_texts().items():
            self.fields[f"capacity_{name}"] = forms.IntegerField(
                label=_("At a time by {channel}").format(channel=channel), min_value=0,
                max_value=MOST_AT_A_TIME, required=False, initial=own.capacity.get(name),
            )  # fmt: skip
        self.order_fields([*_BEFORE, "capacity", *(f"capacity_{name}" for name in channel_texts())])

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name.isprintable():
            raise forms.ValidationError(_("The name holds characters that can't be shown."))
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        begins, ends = values.get("away_from"), values.get("away_until")
        if begins and ends and ends < begins:
            self.add_error("away_until", _("This day lies before the first one."))
        return values

    def facts(self) -> AgentFacts:
        v = self.cleaned_data
        own = {name: v[f"capacity_{name}"] for name in channel_texts() if v[f"capacity_{name}"] is not None}
        return AgentFacts(
            v["name"], v["email"], v["role"], v["language"], v["team"], v["languages"], tuple(v["skills"]),
            {ANY: v["capacity"], **own}, v["away_from"], v["away_until"],
        )  # fmt: skip


_BEFORE = ("name", "email", "role", "language", "team", "languages")


def _agent_values(user: User | None, own: AgentSettings, by: User) -> dict[str, Any]:
    capacity = own.capacity.get(ANY, CAPACITY)
    if user and user.role != Role.AGENT and own._state.adding:
        capacity = 0  # others take nothing unless somebody says so
    known = {"name": user.name, "email": user.email, "role": user.role, "team": user.team_id} if user else {}
    return {
        "language": user.language if user else by.language, "languages": own.languages, "skills": own.skills,
        "capacity": capacity, "away_from": own.away_from, "away_until": own.away_until, **known,
    }  # fmt: skip


def _choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
