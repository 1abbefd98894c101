"""others.py NAME: prints every row of every table that is not of this user, as Django follows references to the account."""
import json, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appsite.settings")
import django; django.setup()
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection


def related(user):
    """Rows that go with the account, those that would only lose it, and what goes with those."""
    found, left = set(), [user]
    while left:
        collector = NestedObjects(using="default")
        collector.collect(left)
        rows = [each for objects in collector.data.values() for each in objects]
        changed = [each for groups in collector.field_updates.values() for group in groups for each in group]
        found.update(rows)
        left = [each for each in changed if each not in found]
        found.update(left)
    return found


if __name__ == "__main__":
    user = User.objects.get(username=sys.argv[1])
    sessions = [each for each in Session.objects.all() if each.get_decoded().get("_auth_user_id") == str(user.pk)]
    own = {(each._meta.db_table, each._meta.pk.column, each.pk) for each in [*related(user), *sessions]}
    others = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row)) for row in cursor.fetchall()]
            others[table] = sorted(repr(row) for row in rows if not any((table, name, row[name]) in own for name in names))
    json.dump({"own": len(own), "others": others}, sys.stdout)
