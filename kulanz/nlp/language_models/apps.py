from django.apps import AppConfig


class LanguageModelsConfig(AppConfig):
    name = "kulanz.nlp.language_models"
