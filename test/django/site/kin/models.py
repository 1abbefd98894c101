"""Models that inherit from others: with tables of their own (multi-table inheritance), with none (proxies), and with
natural keys. test/helpers/kin.ts declares the same."""
from django.contrib.auth.models import User
from django.db import models


class ByName(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Topic(models.Model):
    name = models.CharField(max_length=50, unique=True)
    objects = ByName()

    def natural_key(self):
        return (self.name,)


class Place(models.Model):
    name = models.CharField(max_length=60, unique=True)
    address = models.CharField(max_length=80, default="nowhere")
    near = models.ForeignKey("self", models.SET_NULL, null=True)
    topics = models.ManyToManyField(Topic)


class Restaurant(Place):
    serves_pizza = models.BooleanField(default=False)
    dishes = models.ManyToManyField(Topic, related_name="+")

    class Meta:
        verbose_name = "eating house"
        permissions = [("eat_here", "Can eat here")]


class Diner(Restaurant):
    stools = models.IntegerField(default=3)


class Bar(Place):
    base = models.OneToOneField(Place, models.CASCADE, parent_link=True, primary_key=True, db_column="spot_id")
    license = models.CharField(max_length=20, null=True)


class Lot(models.Model):
    lot_id = models.AutoField(primary_key=True)
    spaces = models.IntegerField(default=0)


class Garage(Place, Lot):
    """Two parents; the first is its key."""
    floors = models.IntegerField(default=1)


class Person(User):
    """A child of a model of another app, with a natural key by inheritance."""
    nickname = models.CharField(max_length=30)


class Review(models.Model):
    restaurant = models.ForeignKey(Restaurant, models.CASCADE)
    text = models.CharField(max_length=50)


class ReadPlace(Place):
    class Meta:
        proxy = True
        verbose_name = "place to read"
        default_permissions = ("view", "share")
        permissions = [("whisper", "Can whisper")]


class ReadReadPlace(ReadPlace):
    class Meta:
        proxy = True


class Colleague(User):
    class Meta:
        proxy = True


class Desk(models.Model):
    """Refers to a proxy."""
    owner = models.ForeignKey(Colleague, models.CASCADE)
    places = models.ManyToManyField(ReadReadPlace)
