"""Writes the models of a Django site as the settings of manage-auth. Put this file into an installed app, as
management/commands/manage_config.py (with an empty __init__.py in both folders), and run it where the site runs:

    python manage.py manage_config > manage.config.json

It reads models only, never a row, and writes no secret. Models of admin, auth, contenttypes and sessions are known already;
what the program has no field for, and natural keys that cannot be told, are named on stderr."""

import json

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import models
from django.db.models import NOT_PROVIDED

KNOWN = {"admin", "auth", "contenttypes", "sessions"}
TYPES = set(
    "AutoField BigAutoField SmallAutoField BooleanField CharField EmailField SlugField URLField TextField SmallIntegerField "
    "IntegerField BigIntegerField PositiveSmallIntegerField PositiveIntegerField PositiveBigIntegerField FloatField DecimalField "
    "DateField TimeField DateTimeField DurationField UUIDField JSONField BinaryField GenericIPAddressField ForeignKey "
    "OneToOneField ArrayField HStoreField CITextField CICharField CIEmailField IntegerRangeField BigIntegerRangeField "
    "DecimalRangeField DateRangeField DateTimeRangeField".split()
)
COMPOSITE = getattr(models, "CompositePrimaryKey", ())
ACTIONS = {"CASCADE", "PROTECT", "RESTRICT", "SET_NULL", "SET_DEFAULT", "DO_NOTHING"}


def without_none(**values):
    return {key: value for key, value in values.items() if value is not None}


def type_of(field):
    """The first class of the field that is one of Django's own: FileField and the like are texts."""
    field = getattr(field, "output_field", field)
    for name in [field.get_internal_type()] + [base.__name__ for base in type(field).__mro__]:
        if name in TYPES:
            return name
    return {"FileField": "CharField", "FilePathField": "CharField"}.get(field.get_internal_type())


def default_of(field):
    default = field.default
    if default is NOT_PROVIDED:
        return {"value": ""} if field.empty_strings_allowed and field.blank and not field.null else None
    if callable(default):
        name = getattr(default, "__name__", "")
        computed = {"now": "now", "uuid4": "uuid4", "dict": "emptyObject", "list": "emptyList", "today": "today"}.get(name)
        return {"computed": computed} if computed else None
    return {"value": default} if isinstance(default, (str, int, float, bool, type(None))) else None


def label_of(model):
    """Proxies in apps that are known already cannot be declared: references to them are to the models of their rows."""
    return (model._meta.concrete_model if model._meta.app_label in KNOWN else model)._meta.label


def field_of(field):
    reference = field.remote_field is not None
    target = field.target_field if reference else None
    base = getattr(field, "base_field", None) if type_of(field) == "ArrayField" else None
    on_delete = getattr(field.remote_field, "on_delete", None)
    action = getattr(on_delete, "__name__", None)
    return without_none(
        type=type_of(field),
        column=field.column,
        maxLength=field.max_length if type_of(field) != "TextField" else None,
        maxDigits=getattr(field, "max_digits", None),
        decimalPlaces=getattr(field, "decimal_places", None),
        null=field.null or None,
        blank=field.blank or None,
        unique=(field.unique and not field.primary_key) or None,
        dbIndex=bool(field.db_index),
        primaryKey=field.primary_key or None,
        default=default_of(field),
        computed=getattr(field, "generated", False) or None,
        dbDefault=getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED or None,
        baseField=base and field_of(base),
        size=getattr(field, "size", None) if base else None,
        to=label_of(field.remote_field.model) if reference else None,
        toField=target.name if reference and not target.primary_key else None,
        parentLink=(reference and field.remote_field.parent_link) or None,
        dbConstraint=False if reference and not field.db_constraint else None,
        onDelete=action if action in ACTIONS else None,
        verboseName=str(field.verbose_name),
    )


def relation_of(field):
    through = field.remote_field.through._meta
    return without_none(
        to=label_of(field.remote_field.model),
        table=field.m2m_db_table(),
        column=field.m2m_column_name(),
        reverseColumn=field.m2m_reverse_name(),
        autoField=through.pk.get_internal_type() if through.auto_created else None,
        through=None if through.auto_created else through.label,
        blank=field.blank or None,
        verboseName=str(field.verbose_name),
    )


def account_model():
    """The model whose own table has the user name: the user model, or one that it inherits from."""
    user = apps.get_model(settings.AUTH_USER_MODEL)
    return user._meta.get_field(user.USERNAME_FIELD).model._meta.concrete_model


def auth_of(model):
    names = {field.name for field in model._meta.get_fields()}
    user = apps.get_model(settings.AUTH_USER_MODEL)._meta.concrete_model
    flags = [name for name in ("is_staff", "is_superuser") if name in names]
    return without_none(
        usernameField=user.USERNAME_FIELD,
        emailField=getattr(model, "EMAIL_FIELD", None) if getattr(model, "EMAIL_FIELD", None) in names else None,
        requiredFields=[name for name in user.REQUIRED_FIELDS if name in names],
        passwordField="password",
        lastLoginField="last_login" if "last_login" in names else None,
        activeField="is_active" if "is_active" in names else None,
        superuserValues={name: True for name in flags},
        groups="groups" if "groups" in names else None,
        permissions="user_permissions" if "user_permissions" in names else None,
        partOf=None if model is user else user._meta.label,
    )


def stand_in(model, path="", depth=4):
    """An instance whose values are the names of its fields, as paths through references."""
    instance = model()
    for field in model._meta.concrete_fields:
        if not field.is_relation:
            instance.__dict__[field.attname] = f"{path}{field.name}"
        elif depth and field.remote_field.model is not model:
            instance.__dict__[field.attname] = f"{path}{field.name}"
            field.set_cached_value(instance, stand_in(field.remote_field.model, f"{path}{field.name}__", depth - 1))
    return instance


def natural_key_of(model):
    """The fields that the natural key is made of; None where there is none, an error where only a row would tell."""
    if not hasattr(model, "natural_key"):
        return None
    key = stand_in(model).natural_key()
    names = {field.name for field in model._meta.fields}
    if not isinstance(key, (tuple, list)) or not all(isinstance(name, str) and name.split("__")[0] in names for name in key):
        raise ValueError("its natural key is not made of fields alone")
    return list(key)


def proxy_of(model, following):
    meta = model._meta
    return without_none(
        name=model.__name__,
        of=meta.proxy_for_model._meta.label,
        before=following,
        verboseName=str(meta.verbose_name_raw),
        defaultPermissions=list(meta.default_permissions),
        permissions=dict(meta.permissions) or None,
    )


class Command(BaseCommand):
    help = "Write the models of this site as manage.config.json of manage-auth."

    def handle(self, **options):
        found = []
        for app in apps.get_app_configs():
            every = list(app.get_models())
            own = {model.__name__: self.model_of(model) for model in every if not model._meta.proxy and app.label not in KNOWN}
            own = {name: model for name, model in own.items() if model}
            proxies = []
            for index, model in enumerate(every):
                following = next((other.__name__ for other in every[index:] if other.__name__ in own), None)
                if model._meta.proxy:
                    proxies.append(proxy_of(model, following))
            if own or (proxies and app.label not in KNOWN):
                found.append({"label": app.label, "verboseName": str(app.verbose_name), "models": own, "proxies": proxies})
            elif proxies:
                names = ", ".join(proxy["name"] for proxy in proxies)
                self.stderr.write(f"Left out of {app.label}, whose models are known already: the proxies {names}.")
        accounts = account_model()
        if apps.get_model(settings.AUTH_USER_MODEL)._meta.concrete_model is not accounts:
            where = f"{settings.AUTH_USER_MODEL} has its user names in {accounts._meta.label}"
            self.stderr.write(f"{where}, which is the user model here: no account can be made with this config.")
        config = {"userModel": accounts._meta.label, "useTz": settings.USE_TZ, "timeZone": settings.TIME_ZONE, "apps": found}
        self.stdout.write(json.dumps(config, indent=2, ensure_ascii=False))

    def model_of(self, model):
        meta = model._meta
        fields = [field for field in meta.local_fields if not isinstance(field, COMPOSITE)]
        composite = isinstance(meta.pk, COMPOSITE) if COMPOSITE else False
        unknown = [field.name for field in fields if type_of(field) is None]
        if unknown:
            self.stderr.write(f"{meta.label} is left out: no type for {', '.join(unknown)}.")
            return None
        try:
            # What a child inherits is known from its parents.
            inherits = any(hasattr(parent, "natural_key") for parent in meta.parents)
            natural_key = None if inherits and "natural_key" not in vars(model) else natural_key_of(model)
        except Exception as error:
            self.stderr.write(f"{meta.label} is written without its natural key: {error}.")
            natural_key = None
        dependencies = getattr(getattr(model, "natural_key", None), "dependencies", [])
        unique = [list(fields) for fields in meta.unique_together]
        unique += [list(each.fields) for each in meta.total_unique_constraints if len(each.fields) > 1]
        return without_none(
            table=meta.db_table,
            verboseName=str(meta.verbose_name_raw),
            verboseNamePlural=str(meta.verbose_name_plural),
            managed=None if meta.managed else False,
            fields={field.name: field_of(field) for field in fields},
            primaryKey=[field.name for field in meta.pk_fields] if composite else None,
            manyToMany={field.name: relation_of(field) for field in meta.local_many_to_many} or None,
            naturalKey=natural_key,
            naturalKeyDependencies=(list(dependencies) or None) if natural_key else None,
            uniqueTogether=unique or None,
            defaultPermissions=list(meta.default_permissions),
            permissions=dict(meta.permissions) or None,
            auth=auth_of(model) if model is account_model() else None,
        )
