# Run by registry.test.ts within the project: leaves in `result` what Django says of its own models.
from django.apps import apps
from django.db import models

kinds = {models.CASCADE: "CASCADE", models.SET_NULL: "SET_NULL"}


def default(one):
    if one.has_default():
        return "computed" if callable(one.default) else {"value": one.default}
    # Django makes empty text of what is left out, which the registry says outright.
    return {"value": ""} if one.blank and not one.null and one.empty_strings_allowed else None


def field(one):
    target = one.remote_field.model._meta.label_lower if one.remote_field else None
    return {
        "name": one.name,
        "type": "EmailField" if isinstance(one, models.EmailField) else one.get_internal_type(),
        "column": one.column,
        "maxLength": one.max_length,
        "null": one.null,
        "blank": one.blank,
        "unique": one.unique,
        "primaryKey": one.primary_key,
        "dbIndex": one.db_index,
        "verboseName": str(one.verbose_name),
        "to": target,
        "onDelete": kinds[one.remote_field.on_delete] if target else None,
        "default": default(one),
    }


def relation(one):
    through = one.remote_field.through
    return {
        "name": one.name,
        "to": one.remote_field.model._meta.label_lower,
        "table": one.m2m_db_table(),
        "column": one.m2m_column_name(),
        "reverseColumn": one.m2m_reverse_name(),
        "verboseName": str(one.verbose_name),
        "own": not through._meta.auto_created,
    }


def model(one):
    meta = one._meta
    return {
        "label": meta.label_lower,
        "name": meta.object_name,
        "table": meta.db_table,
        "verboseName": str(meta.verbose_name_raw),
        "verboseNamePlural": str(meta.verbose_name_plural),
        "ordering": list(meta.ordering),
        "uniqueTogether": [list(names) for names in meta.unique_together],
        "defaultPermissions": list(meta.default_permissions),
        "permissions": dict(meta.permissions),
        "managed": meta.managed,
        "fields": [field(each) for each in meta.local_fields],
        "manyToMany": [relation(each) for each in meta.local_many_to_many],
    }


wanted = ["admin", "auth", "contenttypes", "sessions"]
result = [
    {
        "label": app.label,
        "verboseName": str(app.verbose_name),
        "models": [model(each) for each in app.get_models()],
    }
    for app in apps.get_app_configs()
    if app.label in wanted
]
