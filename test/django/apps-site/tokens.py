"""tokens.py: a site whose tokens have the keys that are on standard input; prints what it answers to tokens that are given, and makes some."""
import json, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appsite.settings")
given = json.load(sys.stdin)
from appsite import settings
if "private" in given:
    settings.SIMPLE_JWT.update(ALGORITHM=given["algorithm"], SIGNING_KEY=given["private"], VERIFYING_KEY=given["public"])
import django; django.setup()
from django.contrib.auth.models import User
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken


def api(token):
    return Client().get("/api/", headers={"Authorization": f"Bearer {token}"}).status_code


if __name__ == "__main__":
    access, refresh = given["access"], given["refresh"]
    other = access[:-10] + ("A" if access[-10] != "A" else "B") + access[-9:]
    answers = {
        "api": api(access),
        "refresh": Client().post("/token/refresh/", {"refresh": refresh}).status_code,
        "verify": Client().post("/token/verify/", {"token": access}).status_code,
        "wrong": api(other),
    }
    user = User.objects.get(username="person1")
    back = [str(AccessToken.for_user(user)), str(RefreshToken.for_user(user))]
    json.dump({"answers": answers, "payload": AccessToken(access).payload, "back": back}, sys.stdout)
