# Run by models.test.ts within the project, with `sql` set: makes the tables of the models of test/helpers/awkward.ts.
from django.core.management import call_command
from django.db import connection, models


def options(**more):
    return type("Meta", (), {"app_label": "awkward", **more})


class Token(models.Model):
    token = models.CharField(max_length=30, primary_key=True)
    Meta = options()


class Keyed(models.Model):
    id = models.UUIDField(primary_key=True)
    token = models.ForeignKey(Token, models.CASCADE, related_name="+")
    other = models.OneToOneField(Token, models.CASCADE, related_name="+")
    tokens = models.ManyToManyField(Token, related_name="+")
    Meta = options(db_table="1_keyed")


class Thing(models.Model):
    name = models.CharField(max_length=40, unique=True)
    slug = models.SlugField()
    code = models.CharField(max_length=10, db_index=True)
    notes = models.TextField(db_index=True, null=True)
    label = models.TextField(unique=True)
    small = models.SmallIntegerField()
    positive_small = models.PositiveSmallIntegerField(null=True)
    positive = models.PositiveIntegerField(unique=True)
    positive_big = models.PositiveBigIntegerField(db_index=True)
    data = models.JSONField()
    price = models.DecimalField(max_digits=10, decimal_places=2)
    address = models.GenericIPAddressField(null=True)
    site = models.URLField()
    email = models.EmailField(unique=True)
    took = models.DurationField(db_index=True)
    key = models.UUIDField(db_index=True)
    raw = models.BinaryField()
    day = models.DateField(db_index=True)
    at = models.TimeField()
    ratio = models.FloatField()
    flag = models.BooleanField()
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    owner = models.ForeignKey("auth.User", models.CASCADE, db_index=False, related_name="+")
    editor = models.ForeignKey("auth.User", models.CASCADE, db_constraint=False, related_name="+")
    group = models.OneToOneField("auth.Group", models.CASCADE, related_name="+")
    weird = models.CharField(max_length=5, unique=True, db_column='We?ird col')
    size = models.IntegerField(db_index=True, db_column="größe")
    friends = models.ManyToManyField("self")
    permissions_that_were_granted_to_it = models.ManyToManyField("auth.Permission", related_name="+")
    Meta = options(
        unique_together=[("code", "parent"), ("weird", "size", "positive_big")],
        indexes=[
            models.Index(fields=["day", "-at"]),
            models.Index(fields=["name"], name="named_by_hand"),
            models.Index(fields=["-size", "flag"]),
        ],
    )


class AnExtraordinarilyLongNameOfAModelThatNobodyWouldEverTypeIt(models.Model):
    id = models.SmallAutoField(primary_key=True)
    keyed_by_something_that_has_a_rather_long_name = models.ForeignKey(Keyed, models.CASCADE, related_name="+")
    a_column_with_a_very_long_name_that_is_unique_as_well = models.CharField(max_length=9, unique=True)
    things = models.ManyToManyField(Thing, related_name="+")
    Meta = options(
        unique_together=[
            (
                "keyed_by_something_that_has_a_rather_long_name",
                "a_column_with_a_very_long_name_that_is_unique_as_well",
            )
        ],
        indexes=[models.Index(fields=["keyed_by_something_that_has_a_rather_long_name", "id"])],
    )


call_command("migrate", verbosity=0)
with connection.schema_editor() as editor:
    for model in (Thing, Token, Keyed, AnExtraordinarilyLongNameOfAModelThatNobodyWouldEverTypeIt):
        editor.create_model(model)
with connection.cursor() as cursor:
    cursor.execute(sql)
    result = dict(cursor.fetchall())
