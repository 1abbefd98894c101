"""Takes a database through every state of Django's migrations, forwards and backwards, and prints each as JSON.

Standard input: {"engine", "name", "user", "password", "host", "port", "sql"}; sql reads the catalogue.
"""
import json
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

given = json.load(sys.stdin)
engines = {"sqlite": "django.db.backends.sqlite3", "postgres": "django.db.backends.postgresql"}
settings.configure(
    SECRET_KEY="states",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib." + app for app in ("admin", "auth", "contenttypes", "sessions", "messages")],
    DATABASES={
        "default": {
            "ENGINE": engines[given["engine"]],
            **{key.upper(): given.get(key) or "" for key in ("name", "user", "password", "host", "port")},
        }
    },
)
django.setup()


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def state():
    tables = connection.introspection.table_names()
    result = {"schema": {name: text for name, text in rows(given["sql"])}}
    result["migrations"] = rows("SELECT id, app, name FROM django_migrations ORDER BY id")
    for key, table in (("contentTypes", "django_content_type"), ("permissions", "auth_permission")):
        if table in tables:
            columns = sorted(column.name for column in connection.introspection.get_table_description(connection.cursor(), table))
            result[key] = [dict(zip(columns, row)) for row in rows("SELECT %s FROM %s ORDER BY id" % (", ".join(columns), table))]
    return result


def migrate(app, name):
    call_command("migrate", app, name, verbosity=0)


graph = MigrationLoader(None).graph
order = []
for leaf in graph.leaf_nodes():
    order += [key for key in graph.forwards_plan(leaf) if key not in order]
forwards, backwards = {}, {}
for app, name in order:
    migrate(app, name)
    forwards[f"{app}.{name}"] = state()
for app, name in reversed(order):
    before = [n for a, n in order if a == app and n < name]
    migrate(app, before[-1] if before else "zero")
    backwards[f"{app}.{name}"] = state()
call_command("migrate", verbosity=0)
json.dump({"order": [f"{a}.{n}" for a, n in order], "forwards": forwards, "backwards": backwards, "again": state()}, sys.stdout, indent=1)
