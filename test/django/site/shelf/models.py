"""Fields of PostgreSQL alone: the app of test/django/postgres-fields.test.ts."""
from django.contrib.postgres import fields as postgres
from django.db import models


class Item(models.Model):
    numbers = postgres.ArrayField(models.IntegerField(), null=True)
    names = postgres.ArrayField(models.CharField(max_length=20), size=8, default=list)
    grid = postgres.ArrayField(postgres.ArrayField(models.BigIntegerField()), null=True)
    moments = postgres.ArrayField(models.DateTimeField(), null=True)
    days = postgres.ArrayField(models.DateField(), null=True)
    times = postgres.ArrayField(models.TimeField(), null=True)
    flags = postgres.ArrayField(models.BooleanField(null=True), null=True)
    prices = postgres.ArrayField(models.DecimalField(max_digits=12, decimal_places=9), null=True)
    ratios = postgres.ArrayField(models.FloatField(), null=True)
    spans = postgres.ArrayField(models.DurationField(), null=True)
    keys = postgres.ArrayField(models.UUIDField(), null=True)
    addresses = postgres.ArrayField(models.GenericIPAddressField(), null=True)
    labels = postgres.HStoreField(default=dict)
    small = postgres.IntegerRangeField(null=True)
    big = postgres.BigIntegerRangeField(null=True)
    price = postgres.DecimalRangeField(null=True)
    during = postgres.DateTimeRangeField(null=True)
    season = postgres.DateRangeField(null=True)
