"""A user model of a project's own: e-mail as login, a UUID key, more flags, columns that the database fills or computes."""
import uuid
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone

class Company(models.Model):
    name = models.CharField(max_length=40, unique=True)

class Manager(BaseUserManager):
    def create_user(self, email, password=None, **more):
        user = self.model(email=self.normalize_email(email), **more); user.set_password(password); user.save(); return user
    def create_superuser(self, email, password=None, **more):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **more)

class Account(AbstractBaseUser, PermissionsMixin):
    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail", unique=True)
    display_name = models.CharField(max_length=100, blank=True)
    bio = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_verified = models.BooleanField(default=False)
    wants_mail = models.BooleanField(null=True)
    joined_at = models.DateTimeField(default=timezone.now)
    company = models.ForeignKey(Company, models.SET_NULL, null=True, blank=True)
    lower_email = models.GeneratedField(expression=Lower("email"), output_field=models.CharField(max_length=254), db_persist=True)
    seen = models.DateTimeField(db_default=Now())
    level = models.IntegerField(db_default=5)
    objects = Manager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

class Note(models.Model):
    owner = models.ForeignKey(Account, models.CASCADE)
    text = models.CharField(max_length=40)
    size = models.IntegerField(db_default=3)
