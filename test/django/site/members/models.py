"""The user model of examples/members, as a Django project declares it."""
import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class MemberManager(BaseUserManager):
    def create_user(self, email, full_name, password=None, **values):
        member = self.model(email=self.normalize_email(email), full_name=full_name, **values)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email, full_name, password=None):
        return self.create_user(email, full_name, password, is_superuser=True)


class Member(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField("email address", unique=True)
    full_name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    objects = MemberManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    @property
    def is_staff(self):
        return self.is_superuser
