# Run by migrations.test.ts within the project, with `sql` set: takes the database through every state of Django's
# migrations, forwards and backwards, and leaves what each of them holds in `result`.
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [list(row) for row in cursor.fetchall()]


def contents(table, columns):
    if table not in connection.introspection.table_names():
        return None
    with connection.cursor() as cursor:
        there = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    wanted = [column for column in columns if column in there]
    return [dict(zip(wanted, row)) for row in rows("SELECT %s FROM %s ORDER BY id" % (", ".join(wanted), table))]


def state():
    return {
        "schema": dict(rows(sql)),
        "recorded": [".".join(row) for row in rows("SELECT app, name FROM django_migrations ORDER BY id")],
        "contentTypes": contents("django_content_type", ["id", "app_label", "model", "name"]),
        "permissions": contents("auth_permission", ["id", "name", "content_type_id", "codename"]),
    }


graph = MigrationLoader(None).graph
order = []
for leaf in graph.leaf_nodes():
    order += [key for key in graph.forwards_plan(leaf) if key not in order]
forwards, backwards = {}, {}
for app, name in order:
    call_command("migrate", app, name, verbosity=0)
    forwards[f"{app}.{name}"] = state()
for app, name in reversed(order):
    before = [other for label, other in order if label == app and other < name]
    call_command("migrate", app, before[-1] if before else "zero", verbosity=0)
    backwards[f"{app}.{name}"] = state()
result = {"order": [f"{app}.{name}" for app, name in order], "forwards": forwards, "backwards": backwards}
