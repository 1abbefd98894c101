"""works.py: reads what fill.py printed from standard input, and prints what of it a running site accepts, by user."""
import json, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appsite.settings")
import django; django.setup()
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import User
from django_otp import devices_for_user
from django.test import Client, RequestFactory
from oauth2_provider.oauth2_backends import get_oauthlib_core


def api(header):
    return Client().get("/api/", headers={"Authorization": header}).status_code == 200


def works(name, it):
    tokens, ways = it["tokens"], {}
    ways["session"] = [Client(headers={"Cookie": f"sessionid={s['key']}"}).get("/whoami/").json()["user"] == name for s in it["sessions"]]
    if "authtoken" in tokens: ways["authtoken"] = api(f"Token {tokens['authtoken']}")
    for each in tokens.get("jwt", []):
        ways.setdefault("access", []).append(api(f"Bearer {each['access']}"))
        ways.setdefault("refresh", []).append(Client().post("/token/refresh/", {"refresh": each["refresh"]}).status_code == 200)
    for each in tokens.get("oauth2", []):
        request = RequestFactory().get("/", headers={"Authorization": f"Bearer {each['access']}"})
        ways.setdefault("oauth2", []).append(get_oauthlib_core().verify_request(request, scopes=[])[0])
    if it["password"] is not None:
        ways["password"] = Client(REMOTE_ADDR=f"192.0.2.{it['pk']}").post("/accounts/login/", {"username": name, "password": it["password"]}).status_code == 200
    user = User.objects.get(username=name)
    ways["second_factor"] = [is_mfa_enabled(user), bool(list(devices_for_user(user)))]
    return ways


if __name__ == "__main__":
    held = json.load(sys.stdin)
    json.dump({name: works(name, it) for name, it in held.items() if name != "api_keys"}, sys.stdout)
