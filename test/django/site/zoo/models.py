"""Models with a field of every type, natural keys and every kind of reference: test/helpers/zoo.ts declares the same."""
from django.db import models


class ByName(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class ByAuthor(models.Manager):
    def get_by_natural_key(self, name, title):
        return self.get(author__name=name, title=title)


class Tag(models.Model):
    name = models.CharField(max_length=50, primary_key=True)

    class Meta:
        ordering = ["name"]


class Author(models.Model):
    name = models.CharField(max_length=60, unique=True)
    mentor = models.ForeignKey("self", models.CASCADE, null=True)
    objects = ByName()

    class Meta:
        ordering = ["name"]

    def natural_key(self):
        return (self.name,)


class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    title = models.CharField(max_length=60)
    sequel = models.OneToOneField("self", models.CASCADE, null=True)
    objects = ByAuthor()

    class Meta:
        ordering = ["-title", "id"]
        unique_together = [("author", "title")]

    def natural_key(self):
        return self.author.natural_key() + (self.title,)

    natural_key.dependencies = ["zoo.author"]


class Animal(models.Model):
    small = models.SmallIntegerField(null=True)
    small_count = models.PositiveSmallIntegerField(null=True)
    number = models.IntegerField(default=7)
    count = models.PositiveIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    big_count = models.PositiveBigIntegerField(null=True)
    flag = models.BooleanField(default=False)
    maybe = models.BooleanField(null=True)
    name = models.CharField(max_length=100)
    notes = models.TextField(null=True)
    email = models.EmailField(null=True)
    slug = models.SlugField()
    site = models.URLField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    at = models.TimeField(null=True)
    took = models.DurationField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    ratio = models.FloatField(null=True)
    key = models.UUIDField(null=True, unique=True)
    data = models.JSONField(null=True)
    raw = models.BinaryField(null=True)
    address = models.GenericIPAddressField(null=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    author = models.ForeignKey(Author, models.CASCADE, null=True)
    book = models.ForeignKey(Book, models.CASCADE, null=True)
    owner = models.ForeignKey("auth.User", models.CASCADE, null=True)
    tags = models.ManyToManyField(Tag)
    books = models.ManyToManyField(Book)
    prey = models.ManyToManyField("self", symmetrical=False)
    labels = models.ManyToManyField(Tag, through="Label", related_name="+")

    class Meta:
        ordering = ["id"]


class Label(models.Model):
    animal = models.ForeignKey(Animal, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)
    note = models.CharField(max_length=30, default="none")


class Passport(models.Model):
    animal = models.OneToOneField(Animal, models.CASCADE, primary_key=True)
    code = models.SlugField(unique=True)


class Stamp(models.Model):
    id = models.UUIDField(primary_key=True)
    passport = models.ForeignKey(Passport, models.CASCADE)
