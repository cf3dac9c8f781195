"""Django's settings, all derived from the environment."""

from __future__ import annotations

import sys
from pathlib import Path

from kulanz.settings.environment import django_database, read_environment, secret_key
from kulanz.settings.language_models import LanguageModels, read_language_models
from kulanz.settings.mail import TIMEOUT, read_mail_server

ENVIRONMENT = read_environment()
PACKAGE = Path(__file__).resolve().parent.parent

DEMO = ENVIRONMENT.demo
DATA_DIR = ENVIRONMENT.data_dir
BASE_URL = ENVIRONMENT.base_url
BRAND_NAME, BRAND_COLOUR, BRAND_LOGO = ENVIRONMENT.brand_name, ENVIRONMENT.brand_colour, ENVIRONMENT.brand_logo
KNOWLEDGE_HOSTS = ENVIRONMENT.knowledge_hosts
DEBUG = False
SECRET_KEY = secret_key(DATA_DIR)
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts) + LOOPBACK
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "kulanz.accounts",
    "kulanz.live",
    "kulanz.trust",
    "kulanz.nlp.language_models",
    "kulanz.inbox",
    "kulanz.understanding",
    "kulanz.decision",
    "kulanz.knowledge",
    "kulanz.flows",
    "kulanz.delivery",
    "kulanz.desk",
    "kulanz.web",
    "kulanz.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kulanz.web.middleware.guard",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "kulanz.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": django_database(ENVIRONMENT.database_url)}
LANGUAGE_MODELS = read_language_models()

MAIL = read_mail_server()
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL.host else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = MAIL.host, MAIL.port, TIMEOUT
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.tls, MAIL.starttls
DEFAULT_FROM_EMAIL = MAIL.sender
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["kulanz.accounts.backend.StaffBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "kulanz.accounts.backend.StaffAdapter"
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = [
    "kulanz.web.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Berlin"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS: list[str] = []  # only workers load the tasks; the web part queues them by name

if "pytest" in sys.modules:
    LANGUAGE_MODELS = LanguageModels()  # no test calls the model of whoever runs it
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # a thread that ends must not keep the test database open
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

from kulanz.settings.logging import LOGGING  # noqa: E402,F401
