# Run by alterations.test.ts within the project, with `sql` and `alterations` (of test/helpers/alterations.ts) set.
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models


def field(spec, default=models.NOT_PROVIDED):
    options = {"db_column": "x"}
    for key, name in (
        ("maxLength", "max_length"),
        ("null", "null"),
        ("unique", "unique"),
        ("index", "db_index"),
        ("maxDigits", "max_digits"),
        ("decimalPlaces", "decimal_places"),
    ):
        if key in spec:
            options[name] = spec[key]
    if "references" in spec:
        target = apps.get_model("auth", spec["references"]["table"].removeprefix("auth_"))
        made = models.ForeignKey(target, models.CASCADE, related_name="+", default=default, **options)
    else:
        made = getattr(models, spec["type"])(default=default, **options)
    made.set_attributes_from_name("x")
    return made


def model(index, x=None, **meta):
    attributes = {
        "__module__": "altered",
        "id": models.AutoField(primary_key=True, auto_created=True),
        "a": models.CharField(max_length=10, unique=True),
        "b": models.IntegerField(db_index=True),
        "c": models.ForeignKey("auth.Group", models.CASCADE, db_column="c", related_name="+"),
        "Meta": type("Meta", (), {"app_label": "altered", **meta}),
    }
    if x is not None:
        attributes["x"] = x
    apps.all_models.pop("altered", None)
    return type(f"T{index}", (models.Model,), attributes)


call_command("migrate", verbosity=0)
pair = {("b", "a")}
by_index = models.Index(fields=["b", "-a"])
for index, alteration in enumerate(alterations):
    kind = alteration["kind"]
    there = field(alteration["before"]) if kind in ("alter", "drop") else None
    meta = {}
    if kind == "unique" and alteration["action"] == "drop":
        meta = {"unique_together": pair}
    made = model(index, there, **meta)
    with connection.schema_editor() as editor:
        editor.create_model(made)
        if kind == "index":
            by_index.set_name_with_model(made)
            if alteration["action"] == "drop":
                editor.add_index(made, by_index)
    with connection.schema_editor() as editor:
        default = alteration.get("fill", models.NOT_PROVIDED)
        if kind == "alter":
            new = field(alteration["after"], default)
            new.model = made
            editor.alter_field(made, there, new, strict=True)
        elif kind == "add":
            new = field(alteration["after"], default)
            new.model = made
            editor.add_field(made, new)
        elif kind == "drop":
            editor.remove_field(made, there)
        elif kind == "unique":
            old, new = (set(), pair) if alteration["action"] == "add" else (pair, set())
            editor.alter_unique_together(made, old, new)
        elif alteration["action"] == "add":
            editor.add_index(made, by_index)
        else:
            editor.remove_index(made, by_index)
with connection.cursor() as cursor:
    cursor.execute(sql)
    result = dict(cursor.fetchall())
