from django.apps import AppConfig


class DecisionConfig(AppConfig):
    name = "kulanz.decision"
