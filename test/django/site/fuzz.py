"""What the tests of fixtures run within the project: random rows, Django's dumps of them, and random fixtures with what
Django makes of each. All of it follows from a seed."""
import datetime
import decimal
import functools
import io
import json
import random
import re
import uuid
import warnings
from xml.sax.saxutils import escape, quoteattr

import yaml
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

PIECES = [
    *["a", "word", " ", "  ", "\t", "\n", "\r\n", "\r", ": ", " #", "#", "'", '"', "\\", "- ", "-", "?", "&", "*", "!"],
    *["|", ">", "%", "@", "`", "{", "}", "[", "]", ",", "=", "~", "null", "true", "Yes", "1", "0x1F", "1e5", "1.5", "."],
    *["2024-01-01", "12:30:45", "---", "...", "é", "e\u0301", "\u00a0", "\u0085", "\u2028", "\u2029", "\ufeff", "🔑"],
    *["<b>", "&amp;", "]]>", "<!--", "\x7f", "a very long word that goes on", "x" * 40, "<<", "y", "on", "\ufffd", "İ"],
    *["\U0010ffff", "NaN", "1_000", "\\u0041", "\\", "/", "👩‍👩‍👧", "ß", "Å", "١", "\u202e", "\u200b", "_"],
]
CONTROLS = ["\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x80", "\x9f", "\0"]


def zoo():
    return [model for model in apps.get_app_config("zoo").get_models()]


def tables():
    for model in zoo():
        yield model._meta.db_table
        for field in model._meta.local_many_to_many:
            if field.remote_field.through._meta.auto_created:
                yield field.m2m_db_table()


def prepare():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET synchronous_commit = off')
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in zoo():
            editor.create_model(model)
    from django.contrib.auth.models import User

    for index, name in enumerate(["ann", "bob", "çelik"]):
        User.objects.create(pk=index + 1, username=name, password="!", date_joined="2024-01-01T00:00:00Z")


def empty():
    with transaction.atomic(), connection.cursor() as cursor:
        for table in reversed(list(tables())):
            cursor.execute(f'DELETE FROM "{table}"')
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name LIKE 'zoo%%'")


class Maker:
    def __init__(self, seed, controls=0.0):
        self.r = random.Random(seed)
        self.controls = controls

    def chance(self, share):
        return self.r.random() < share

    def text(self, most):
        pieces = PIECES
        if self.chance(self.controls):
            pieces = PIECES + CONTROLS
            if connection.vendor == "postgresql":
                pieces = pieces[:-1]
        return "".join(self.r.choice(pieces) for _ in range(self.r.randrange(12)))[:most]

    def integer(self, low, high):
        pick = self.r.randrange(5)
        if pick == 0:
            return self.r.choice([low, high, low + 1, high - 1])
        if pick == 1:
            return self.r.randint(low, high)
        return max(low, min(high, self.r.choice([0, 1, -1, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 255, 100])))

    def microsecond(self):
        return self.r.choice([0, 0, 1, 999, 1000, 123000, 123456, 999999, 500000, 10])

    def day(self):
        return self.r.choice([
            datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.date(2024, 2, 29), datetime.date(999, 1, 9),
            datetime.date.fromordinal(self.r.randint(1, 3652059)), datetime.date(1969, 12, 31),
        ])

    def time(self):
        return self.r.choice([
            datetime.time(0, 0), datetime.time(23, 59, 59, 999999),
            datetime.time(self.r.randrange(24), self.r.randrange(60), self.r.randrange(60), self.microsecond()),
        ])

    def moment(self):
        return datetime.datetime.combine(self.day(), self.time(), datetime.timezone.utc)

    def duration(self):
        return self.r.choice([
            datetime.timedelta(0), datetime.timedelta(microseconds=-1), datetime.timedelta(days=-1, microseconds=1),
            datetime.timedelta(days=self.r.randint(-100000, 100000), seconds=self.r.randrange(86400)),
            datetime.timedelta(seconds=self.r.randrange(86400), microseconds=self.microsecond()),
            datetime.timedelta(days=self.r.randint(-106751990, 106751990), microseconds=self.microsecond()),
            datetime.timedelta(days=1), datetime.timedelta(days=-2, hours=3),
        ])

    def price(self):
        return self.r.choice([
            decimal.Decimal(0), decimal.Decimal("-0.001"), decimal.Decimal("999999999.999"), decimal.Decimal("-0.000"),
            decimal.Decimal(self.r.randint(-999999999999, 999999999999)).scaleb(-3), decimal.Decimal("1.5"),
            decimal.Decimal("100"), decimal.Decimal("1E+5"),
        ])

    def ratio(self):
        return self.r.choice([
            0.0, -0.0, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 1e16, 1e15, 123456789012345680.0, 0.1,
            1e-5, 0.0001, 1 / 3, 1e22, 1e21, 9007199254740993.0, self.r.uniform(-1, 1), self.r.gauss(0, 1e10), 5.0, 1e100,
        ])

    def json(self, depth=0):
        pick = self.r.randrange(9 if depth < 3 else 6)
        if pick == 0:
            return self.text(30)
        if pick == 1:
            return self.r.choice([0, 1, -1, 2**53 + 1, 10**30, -(10**25)])
        if pick == 2:
            return self.r.choice([0.1, 1e16, 1.0, -0.0, 1e-7, 1 / 3, 1e300, 12345678.9])
        if pick == 3:
            return self.r.choice([True, False])
        if pick == 4:
            return None if depth else {}
        if pick == 5:
            return self.r.choice([[], {}, ""])
        if pick < 8:
            return {self.text(8): self.json(depth + 1) for _ in range(self.r.randrange(4))}
        return [self.json(depth + 1) for _ in range(self.r.randrange(4))]

    def address(self):
        return self.r.choice(["127.0.0.1", "::1", "2001:db8::a:1", "fe80::1", "::ffff:10.0.0.1", "255.255.255.255"])

    def value(self, field):
        kind = field.get_internal_type()
        limit = {"Small": (-32768, 32767), "Positi": (0, 2147483647), "Intege": (-(2**31), 2**31 - 1)}
        if kind == "PositiveSmallIntegerField":
            return self.integer(0, 32767)
        if kind == "PositiveBigIntegerField":
            return self.integer(0, 2**63 - 1)
        if kind == "BigIntegerField":
            return self.integer(-(2**63), 2**63 - 1)
        if kind == "SmallIntegerField":
            return self.integer(-32768, 32767)
        if kind in ("PositiveIntegerField", "IntegerField"):
            return self.integer(*limit[kind[:6]])
        makers = {
            "BooleanField": lambda: self.chance(0.5),
            "DateField": self.day,
            "DateTimeField": self.moment,
            "TimeField": self.time,
            "DurationField": self.duration,
            "DecimalField": self.price,
            "FloatField": self.ratio,
            "UUIDField": lambda: uuid.UUID(int=self.r.getrandbits(128)),
            "JSONField": self.json,
            "BinaryField": lambda: self.r.randbytes(self.r.choice([0, 1, 2, 3, 40])),
            "GenericIPAddressField": self.address,
        }
        if kind in makers:
            return makers[kind]()
        return self.text(field.max_length or 200)


def fill(seed, rows=8, controls=0.0):
    """Puts random rows in the place of those that are there."""
    from zoo.models import Animal, Author, Book, Label, Passport, Stamp, Tag

    make = Maker(seed, controls)
    r = make.r
    empty()
    with transaction.atomic():
        tags = [Tag(name=name) for name in {make.text(50) for _ in range(rows)}]
        Tag.objects.bulk_create(sorted(tags, key=lambda tag: tag.name))
        pks = r.sample(range(1, 4 * rows), rows)
        names = list({make.text(40) + str(pk): pk for pk in pks})
        authors = [Author(pk=pk, name=name, mentor_id=r.choice([None, *pks])) for pk, name in zip(pks, names)]
        Author.objects.bulk_create(authors)
        books = [Book(pk=pk, author=r.choice(authors), title=make.text(50) + str(pk)) for pk in r.sample(range(1, 99), rows)]
        Book.objects.bulk_create(books)
        sequels = r.sample(books, rows)
        for book, sequel in zip(books, sequels):
            if make.chance(0.5):
                Book.objects.filter(pk=book.pk).update(sequel=sequel)
        pks = r.sample([*range(1, 99), 2**31, 2**53 + 1, 2**63 - 1000], rows)
        animals = []
        for pk in pks:
            animal = Animal(pk=pk)
            for field in Animal._meta.local_fields:
                if field.primary_key or field.remote_field or (field.null and make.chance(0.3)):
                    continue
                setattr(animal, field.name, make.value(field))
            if make.chance(0.5):
                animal.parent_id = r.choice(pks)
            animal.author = r.choice([None, *authors])
            animal.book = r.choice([None, *books])
            animal.owner_id = r.choice([None, 1, 2, 3])
            animals.append(animal)
        Animal.objects.bulk_create(animals)
        for animal in animals:
            animal.tags.set(r.sample(tags, r.randrange(min(4, len(tags)))))
            animal.books.set(r.sample(books, r.randrange(4)))
            animal.prey.set(r.sample(animals, r.randrange(4)))
        Label.objects.bulk_create(
            Label(animal=r.choice(animals), tag=r.choice(tags), note=make.text(30)) for _ in range(rows)
        )
        passports = [Passport(animal=animal, code=f"{make.text(20)}{animal.pk}") for animal in animals[::2]]
        Passport.objects.bulk_create(passports)
        Stamp.objects.bulk_create(
            Stamp(pk=uuid.UUID(int=r.getrandbits(128)), passport=r.choice(passports)) for _ in range(rows)
        )
    set_sequences()


def queries():
    """SQL that reads each table, down to the kind of value on SQLite."""
    shown = '"{0}"::text'
    if connection.vendor == "sqlite":
        # Two versions of SQLite may write the same float differently.
        shown = """CASE WHEN typeof("{0}") <> 'real' THEN quote("{0}") WHEN abs("{0}") < 9e999 THEN "{0}" ELSE "{0}" > 0 END"""
    joins = {
        field.m2m_db_table()
        for model in zoo()
        for field in model._meta.local_many_to_many
        if field.remote_field.through._meta.auto_created
    }
    result = {}
    with connection.cursor() as cursor:
        for table in tables():
            names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            # The keys of join tables mean nothing.
            columns = [f'{shown.format(name)} AS "{name}"' for name in names if name != "id" or table not in joins]
            result[table] = f'SELECT {", ".join(columns)} FROM "{table}"'
    return result


def keep():
    """Keeps all rows; what it returns is SQL that puts them in their places again."""
    if connection.vendor == "sqlite":
        return None
    names = list(tables())
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        for table in names:
            cursor.execute(f'CREATE TABLE kept."{table}" AS SELECT * FROM "{table}"')
    return ";".join(
        [
            "BEGIN",
            *[f'DELETE FROM "{table}"' for table in reversed(names)],
            *[f'INSERT INTO "{table}" SELECT * FROM kept."{table}"' for table in names],
            *connection.ops.sequence_reset_sql(no_style(), zoo()),
            "COMMIT",
        ]
    )


def set_sequences():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), zoo()):
                cursor.execute(statement)


def dump_arguments(seed):
    """Random options of dumpdata, the same for both programs."""
    from zoo.models import Animal, Author

    r = random.Random(seed)
    args = ["--format", r.choice(["json", "jsonl", "xml", "yaml"])]
    labels = r.choice([["zoo"], ["zoo"], ["zoo.Animal"], ["zoo.book", "zoo.Author"], ["auth", "zoo"], ["zoo.Label", "zoo"]])
    if r.random() < 0.4:
        args += ["--indent", str(r.choice([0, 1, 2, 3, 4, 7]))]
    if r.random() < 0.5:
        args.append("--natural-foreign")
    if r.random() < 0.4:
        args.append("--natural-primary")
    if r.random() < 0.2:
        args.append("-a")
    if r.random() < 0.2:
        args += ["--exclude", r.choice(["zoo.tag", "zoo.Animal", "zoo.book", "auth.permission", "zoo.author"])]
    if r.random() < 0.15:
        model = r.choice([Animal, Author])
        labels = [model._meta.label]
        pks = [str(pk) for pk in model.objects.values_list("pk", flat=True)]
        args += ["--pks", ",".join([*r.sample(pks, 3), "77777"])]
    return labels + args


def dumped(args):
    out = io.StringIO()
    try:
        call_command("dumpdata", *args, stdout=out)
    except Exception as error:
        return {"args": args, "error": f"{type(error).__name__}: {error}"}
    return {"args": args, "text": out.getvalue()}


def dumps(seed, count):
    return [dumped(dump_arguments(f"{seed} {index}")) for index in range(count)]


# --- Fixtures ---------------------------------------------------------------------------------------------------------

ODD = {
    "integer": [1, "1", " 12 ", "+5", "-3", "1.0", 1.0, 1.9, -1.9, True, False, "", "x", "1_000", [], {}, "١٢", 2**40, -1,
                2**63, -(2**63) - 1, 1e3, "0x10", "007", 0, -0.0, "1e3"],
    "BooleanField": [True, False, 1, 0, 1.0, 0.0, "1", "0", "t", "f", "True", "False", "true", "false", "T", "yes", "",
                     2, -1, [], {}, "on", " true "],
    "text": ["", "x", 5, 1.5, 1e16, True, False, -0.0, 2**70, "ÀÉ", "é" * 100, "é" * 101, "a\u0000b", "\ud83d\ude00" * 50,
             "\ud800", [], [1, "a"], {"a": None}, "  padded  ", "a\r\nb", 1e-7, 100, "null"],
    "DateField": ["2024-01-05", "2024-1-5", "20240105", "2024-W01-5", "2024W015", "2024-02-30", "2024-13-01", "0001-01-01",
                  "9999-12-31", "0000-01-01", "10000-01-01", "2024-01-05T10:00:00", "", "now", 20240105, "2024-1-05",
                  "2024-01-05 ", " 2024-01-05", "2024-W01", "2024-005", "05/01/2024", "2024-W53-7", "2020-W53-7", True, []],
    "DateTimeField": [
        "2024-01-05T10:00:00Z", "2024-01-05 10:00:00+02:00", "2024-01-05T10:00Z", "2024-1-5 9:05:07.1Z", "20240105T100000Z",
        "2024-01-05T10:00:00.123456789Z", "2024-01-05T10:00:00,5Z", "2024-01-05T10Z", "2024-01-05", "2024-W01-5T10:00Z",
        "2024-01-05T10:00:00-0330", "2024-01-05T10:00:00+14", "2024-01-05T10:00:00 +01:00", "2024-01-05T24:00:00Z",
        "2024-01-05T10:60Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2024-01-05T10:00:00.1234567Z",
        "2024-01-05T10:00:00", "2024-01-05 10:00", "2024-01-05x10:00:00Z", "2024-01-05T10:00:00z", "", "x", 5,
        "2024-01-05T10:00:00+24:00", "2024-01-05T10:00:00+00:00:30", "2024-01-05T1:2:3Z", "2024-1-5", "1969-12-31T23:59:59.5Z",
        "2024-01-05T10:00:00.1234567890123Z", "2024-01-05T10:00:00.12Z", "2024-01-05T10:00:00  Z", "2024-01-05T10:00:61Z",
        "2024-01-05T10:00:00+23:59", "2024-01-05T10:00:00-00:00", "2024-01-05t10:00:00Z", "2024-01-05T100000.5Z", [],
        "2024-005T10:00Z", "2024-01-05  10:00", "2024-01-05T10:00:00.Z", "20240105 1000Z", "20240105",
    ],
    "TimeField": ["10:00", "1:2:3", "10:00:00.5", "10:00:00,123456", "10:00:00.1234567", "T10:00", "1000", "100000", "10",
                  "24:00", "10:60", "23:59:59.999999", "10:00Z", "10:00:00+02:00", "", "x", "0:0", 10, "10:00:00.12345678",
                  "10:00:00.1234567890123", "T1000", "10:00 ", "9:05", "2024-01-05T10:00:00", "10:0", [], "10:00:60"],
    "DurationField": ["1 02:03:04", "1 day, 2:03:04", "1 days 02:03:04.5", "-1 23:59:59.999999", "P1DT2H3M4S", "-P1D", "PT0.5S",
                      "PT1,5M", "P1.5D", "3 days 04:05:06", "3 days", "3 days ", "1 day", "-00:00:01", "+00:00:01", "15", "15:30", "1:15:30",
                      "15.1", "-15:30", "1 days -00:00:01", "", "x", "P", "PT", "4 days -15:30", "99999999999", "P1W", 5,
                      "1:2:3:4", "0:0:0.1234567", "10:99", "0.1234567890123", "-1 days +10:00:00", "1 -0:0:1", "P1Y", "1e3",
                      "999999999 23:59:59", "9999999999 days, 0:00:00", [], "3 04:05:06.789", "-3 days -04:05:06", "PT36H"],
    "DecimalField": ["1.5", 1.5, 1, "1", "1e3", "1E-2", " 2.5 ", "-0", "", "x", "NaN", "Infinity", "1.0005", 1.0005, "0.0015",
                     "0.0025", 0.0025, "999999999.999", "999999999.9994", "999999999.9995", "1234567890", "1e9", True, "1_000.5",
                     "123456789.0005", 123456789.0005, 1e-10, 0.1, 1e22, ".5", "5.", "+1.5", [], "1.23456789012345678901", "٣",
                     2**70, -0.0004, "-0.0004", 2.675, "0e5", 1.0045, 33.3335],
    "FloatField": ["1.5", 1, "1", "1e3", "nan", "inf", "-Infinity", "", "x", True, "1_000.5", " 1.5 ", 1e308, "1e400", ".5", "5.",
                   10**400, 2**70, "0x1", "+1", [], "-0.0", "infinity", "1e-400", "٣", "1e5_0"],
    "UUIDField": ["8f040065-9eee-9f8e-b958-26a724cb6195", "8f0400659eee9f8eb95826a724cb6195", "{8f0400659eee9f8eb95826a724cb6195}",
                  "urn:uuid:8f040065-9eee-9f8e-b958-26a724cb6195", "8F0400659EEE9F8EB95826A724CB6195", 5, "x", "", "8f04", -1,
                  "8f-0400659eee9f8eb95826a724cb619-5", 2**128, True, [], 1.5, " 8f0400659eee9f8eb95826a724cb6195"],
    "JSONField": [{"a": 1}, [], "text", 5, 1.5, True, {"a": {"b": [1e16, 2**60]}}, {"": ""}, "", 0, 1e400, {"é": "\u2028"}, -0.0,
                  10**400, {"b": 1, "a": 2}, "{\"a\": 1}", "null", 1.10, [None], 1e5, "\ud800"],
    "BinaryField": ["", "aGk=", "aGk", "a", "aG k=", "a\nGk=", "aGk=\n", "!!!!", "aGk=aGk=", "é", 5, [], "_-8=", "/+8="],
    "GenericIPAddressField": ["127.0.0.1", "::1", "2001:DB8::0001", "::ffff:10.0.0.1", "::FFFF:0a00:0001", "1.2.3", "x", "",
                              " 127.0.0.1 ", "127.000.0.1", "1.2.3.4/24", "fe80::1%eth0", "2001:db8:0:0:0:0:0:1", 5, "::", [],
                              "1:2:3:4:5:6:7:8:9", "2001:db8::/32", "01.2.3.4"],
    "relation": [1, "1", " 1 ", "x", "", [], ["nobody"], {}, 777, 1.0, 1.5, True, ["a", "b", "c"], -1],
    "list": [[], None, [1], ["1"], [[1]], "x", 5, {}, [None], [""], [777], [1, 1], [[]], {"a": 1}, "", "12"],
}
TEXTS = {"CharField", "TextField", "EmailField", "SlugField", "URLField"}


def odd_values(field):
    if field.many_to_many:
        return "list", ODD["list"]
    if field.remote_field:
        return "relation", ODD["relation"]
    kind = field.get_internal_type()
    if kind in TEXTS:
        return kind, ODD["text"]
    if "Integer" in kind or kind.endswith("AutoField"):
        return kind, ODD["integer"]
    return kind, ODD[kind]


def mutate(r, objects):
    """Changes a fixture, and says in words what was done."""
    done = []
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        if not objects:
            break
        place = r.randrange(len(objects))
        record = objects[place]
        try:
            model = apps.get_model(record["model"])
        except LookupError:
            continue
        fields = record["fields"]
        known = sorted(set(fields) - {"nothing"})
        name = r.choice(known) if known else None
        pick = r.randrange(20)
        if pick < 9 and name:
            kind, odd = odd_values(model._meta.get_field(name))
            fields[name] = r.choice(odd)
            done.append(f"{record['model']}.{name} ({kind}) = {fields[name]!r:.80}")
        elif pick == 9 and name:
            fields[name] = None
            done.append(f"{record['model']}.{name} = None")
        elif pick in (10, 11) and name:
            for each in r.sample(known, r.randint(1, len(known))):
                del fields[each]
            done.append(f"{record['model']} has only {', '.join(fields)}")
        elif pick == 12 and "pk" in record:
            if r.random() < 0.5:
                del record["pk"]
            else:
                record["pk"] = None
            done.append(f"{record['model']} has no pk")
        elif pick == 13 and "pk" in record:
            kind, odd = odd_values(model._meta.pk)
            record["pk"] = r.choice(odd)
            done.append(f"{record['model']}.pk ({kind}) = {record['pk']!r:.80}")
        elif pick == 14:
            r.shuffle(objects)
            done.append("shuffled")
        elif pick == 15:
            objects.insert(r.randrange(len(objects)), json.loads(json.dumps(record)))
            done.append(f"{record['model']} twice")
        elif pick == 16 and "pk" in record and model._meta.pk.get_internal_type().endswith("AutoField"):
            record["pk"] = r.randint(1000, 2000)
            done.append(f"{record['model']} is new")
        elif pick == 17:
            for each in fields.values():
                if isinstance(each, list):
                    r.shuffle(each)
            record["fields"] = dict(r.sample(sorted(fields.items()), len(fields)))
            done.append("in another order")
        elif pick == 18:
            del objects[place]
            done.append(f"without a {record['model']}")
        elif pick == 19:
            fields["nothing"] = 1
            done.append("an unknown field")
    return done


def as_xml(objects):
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<django-objects version="1.0">']
    for record in objects:
        model = apps.get_model(record["model"])
        pk = "" if record.get("pk") is None else f" pk={quoteattr(str(record['pk']))}"
        lines.append(f'<object model="{record["model"]}"{pk}>')
        for name, value in record["fields"].items():
            try:
                field = model._meta.get_field(name)
            except Exception:
                field = None
            open_tag = f'<field name="{name}">' if field is None or field.remote_field else f'<field name="{name}" type="{field.get_internal_type()}">'
            if value is None:
                lines.append(f"{open_tag}<None></None></field>")
            elif field is not None and field.many_to_many:
                items = value if isinstance(value, list) else [value]
                inner = "".join(
                    "<object>" + "".join(f"<natural>{escape(str(part))}</natural>" for part in item) + "</object>"
                    if isinstance(item, list) else f"<object pk={quoteattr(str(item))}></object>"
                    for item in items
                )
                lines.append(f"{open_tag}{inner}</field>")
            elif field is not None and field.remote_field and isinstance(value, list):
                lines.append(open_tag + "".join(f"<natural>{escape(str(part))}</natural>" for part in value) + "</field>")
            elif field is not None and field.get_internal_type() == "JSONField":
                lines.append(f"{open_tag}{escape(json.dumps(value))}</field>")
            else:
                lines.append(f"{open_tag}{escape(str(value))}</field>")
        lines.append("</object>")
    return "\n".join([*lines, "</django-objects>"])


def stripped(value):
    """Without spaces at the ends of texts, which Django drops in XML and `manage` keeps."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [stripped(each) for each in value]
    if isinstance(value, dict):
        return {key: stripped(each) for key, each in value.items()}
    return value


def as_text(objects, form, r):
    if form == "json":
        return json.dumps(objects, ensure_ascii=r.random() < 0.5, indent=r.choice([None, 2]))
    if form == "jsonl":
        return "\n".join(json.dumps(record) for record in objects)
    if form == "yaml":
        text = yaml.safe_dump(objects, sort_keys=False, allow_unicode=True, default_flow_style=r.choice([True, False, None]))
        # Unescaped, they break lines, and PyYAML makes spaces of them when it reads what it has written.
        return yaml.safe_dump(objects, sort_keys=False) if re.search("[\x85\u2028\u2029]", text) else text
    return as_xml(objects)


def read_rows():
    """All rows, as the database has them."""
    rows = {}
    for table, sql in queries().items():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            names = [column[0] for column in cursor.description]
            rows[table] = [dict(zip(names, row)) for row in cursor.fetchall()]
    return rows


def present(record):
    """The row that a record means, if there is one."""
    model = apps.get_model(record["model"])
    if record.get("pk") is not None:
        return model._base_manager.filter(pk=record["pk"]).first()
    named = record["fields"]
    if model._meta.model_name == "author":
        return model.objects.filter(name=named["name"]).first()
    if model._meta.model_name == "book":
        author = named["author"]
        found = {"author__name": author[0]} if isinstance(author, list) else {"author": author}
        return model.objects.filter(title=named["title"], **found).first()
    return None


def completed(objects):
    """With the values that rows have where records do not name them: Django would set those to defaults."""
    result = []
    for record in objects:
        try:
            row = present(record)
        except Exception:
            row = None
        fields = dict(record["fields"])
        for field in row._meta.local_fields if row is not None else []:
            if field.primary_key or field.name in fields:
                continue
            value = field.value_from_object(row)
            plain = value is None or isinstance(value, (bool, int, float)) or field.get_internal_type() == "JSONField"
            fields[field.name] = value if plain else field.value_to_string(row)
        result.append({**record, "fields": fields})
    return result


class Undo(Exception):
    pass


def loaded_by_django(path, args):
    """The rows that Django makes of a fixture, or why it makes none; the database is as it was then."""
    try:
        with transaction.atomic():
            out = io.StringIO()
            call_command("loaddata", path, *args, stdout=out, stderr=out)
            connection.check_constraints()
            answer = {"rows": read_rows()}
            raise Undo
    except Undo:
        pass
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    return answer


def case(seed, folder, dump):
    """Makes a fixture of the rows that there are, changed at random, and says what Django makes of it."""
    r = random.Random(seed)
    form = r.choice(["json", "jsonl", "xml", "yaml"])
    objects = json.loads(dump(*[each for each in ("--natural-foreign", "--natural-primary") if r.random() < 0.4]))
    args = [each for each in ("-i", "--exclude=zoo.label") if r.random() < 0.15]
    # Few records, so that most of what they refer to is in the database only.
    if r.random() < 0.8:
        objects = r.sample(objects, r.randint(1, min(12, len(objects))))
    if r.random() < 0.3:
        r.shuffle(objects)
    done = mutate(r, objects)
    if form == "xml" and completed(objects) != objects:
        form = "jsonl"
    if form == "xml":
        objects = stripped(objects)
    layout = r.random()
    paths = [f"{folder}/{seed}-{name}.{form}" for name in ("changed", "completed")]
    for path, records in zip(paths, (objects, completed(objects))):
        with open(path, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(as_text(records, form, random.Random(layout)))
    return {"path": paths[0], "args": args, "done": done, **loaded_by_django(paths[1], args)}


def cases(seeds, folder):
    warnings.simplefilter("ignore")
    dump = functools.cache(lambda *options: dumped(["zoo", *options])["text"])
    result = []
    for seed in seeds:
        result.append(case(seed, folder, dump))
        # A rollback does not take numbers back.
        set_sequences()
    return result
