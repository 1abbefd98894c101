"""A small Django project on the database that the environment names as JSON, with Django's own user model or another."""
import json
import os

SECRET_KEY = os.environ.get("SECRET_KEY", "not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789")
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": json.loads(os.environ["DJANGO_DATABASE"])}
INSTALLED_APPS = ["django.contrib." + app for app in ("admin", "auth", "contenttypes", "sessions", "messages")]
if "DJANGO_USER_MODEL" in os.environ:
    AUTH_USER_MODEL = os.environ["DJANGO_USER_MODEL"]
    INSTALLED_APPS.append(AUTH_USER_MODEL.split(".")[0])
INSTALLED_APPS += os.environ.get("DJANGO_APPS", "").split()
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    *(["django.middleware.csrf.CsrfViewMiddleware"] if "DJANGO_URLCONF" in os.environ else []),
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
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
ROOT_URLCONF = os.environ.get("DJANGO_URLCONF", "urls")
ALLOWED_HOSTS = ["*"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation." + name}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
for name, value in json.loads(os.environ.get("DJANGO_SETTINGS", "{}")).items():
    globals()[name] = value
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers." + name + "PasswordHasher"
    for name in ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5")
]
