#!/usr/bin/env python3
"""Drives the OAuth simulation with the providers' official clients, unchanged but for their endpoint.

Google: google-auth-oauthlib and google-auth. Microsoft: msal; it takes https authorities only, so its documented
`http_client` leads what it sends to login.microsoftonline.com to the simulator. Notion: notion-client, the port of
Notion's SDK. Canvas has no client of its own for OAuth: requests-oauthlib.

Usage: oauth_client_check.py ORIGIN      (such as http://127.0.0.1:8765)
Prints `N passed, N failed` and exits non-zero when a check failed.
"""

import os
import sys
import threading
import time
import warnings
from urllib.parse import parse_qs, urlsplit

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the simulator speaks plain http
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"  # a person may grant less than was asked for

import google.auth.exceptions
import google.auth.transport.requests
import google.oauth2.credentials
import google.oauth2.id_token
import msal
import notion_client
import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session

warnings.simplefilter("ignore", UserWarning)  # msal would rather have response_mode=form_post

BASE = sys.argv[1].rstrip("/")
CONTROL = BASE + "/_simulator/oauth"
CALLBACK = "http://127.0.0.1:9/api/v1/integrations/callback?via=check"
CLIENT, SECRET = "check-client", "check-secret"
CALENDAR = "https://www.googleapis.com/auth/calendar.readonly"
MAIL = "https://www.googleapis.com/auth/gmail.readonly"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # of RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
AUTHORIZE = {
    "google": "/google/o/oauth2/v2/auth",
    "microsoft": "/microsoft/common/oauth2/v2.0/authorize",
    "notion": "/notion/v1/oauth/authorize",
    "canvas": "/canvas/login/oauth2/auth",
}
TOKEN = {
    "google": "/google/token",
    "microsoft": "/microsoft/common/oauth2/v2.0/token",
    "notion": "/notion/v1/oauth/token",
    "canvas": "/canvas/login/oauth2/token",
}
DEMANDS = {
    "google": {"scope": f"openid email {CALENDAR}", "access_type": "offline", "prompt": "consent"},
    "microsoft": {"scope": "openid offline_access User.Read"},
    "notion": {"owner": "user"},
    "canvas": {},
}
PROVIDERS = list(AUTHORIZE)
# What a dead refresh token is called; Canvas names it so since its beginning.
DEAD = {"google": "invalid_grant", "microsoft": "invalid_grant", "notion": "invalid_grant", "canvas": "invalid_request"}
passed, failed = 0, []


def check(name):
    def run(body):
        global passed
        requests.delete(CONTROL)
        for provider in PROVIDERS:
            register(provider)
        try:
            body()
            passed += 1
        except Exception as error:  # every check reports for itself
            failed.append(name)
            print(f"FAILED {name}: {type(error).__name__}: {error}")
        return body

    return run


def control(path, **body):
    response = requests.post(f"{CONTROL}/{path}", json=body, timeout=70)
    assert response.ok, response.text
    return response.json() if response.content else None


def register(provider, **more):
    control("clients", provider=provider, client_id=CLIENT, client_secret=SECRET, redirect_uris=[CALLBACK], **more)


def tokens(**query):
    return requests.get(f"{CONTROL}/tokens", params=query).json()["tokens"]


def calls(**query):
    return requests.get(f"{CONTROL}/calls", params=query, timeout=70).json()["calls"]


def equal(found, wanted):
    assert found == wanted, f"{found!r} instead of {wanted!r}"


def raises(kind, call, part=""):
    try:
        call()
    except kind as error:
        assert part in str(error), f"{error} lacks {part}"
        return error
    raise AssertionError(f"no {kind}")


# --- By hand: what every provider has in common -----------------------------------------------------------------------


def authorize(provider, **change):
    """The query of the callback, or the response when it is no redirect. A change to None leaves a parameter out."""
    query = {
        "client_id": CLIENT, "redirect_uri": CALLBACK, "response_type": "code", "state": "s1",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", "auto": "allow", "account": "ada",
        **DEMANDS[provider], **change,
    }
    query = {name: value for name, value in query.items() if value is not None}
    response = requests.get(BASE + AUTHORIZE[provider], params=query, allow_redirects=False)
    return callback(response.headers["location"]) if response.status_code == 302 else response


def callback(location):
    assert location.startswith(CALLBACK + "&"), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def ask_token(provider, secret=SECRET, client=CLIENT, **fields):
    url = BASE + TOKEN[provider]
    if provider == "notion":
        return requests.post(url, json=fields, auth=(client, secret))
    return requests.post(url, data={"client_id": client, "client_secret": secret, **fields})


def exchange(provider, code, **change):
    fields = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **change
    }
    return ask_token(provider, **{name: value for name, value in fields.items() if value is not None})


def connect(provider, **change):
    answer = authorize(provider, **change)
    response = exchange(provider, answer["code"])
    assert response.ok, response.text
    return response.json()


def renew(provider, refresh_token, **more):
    return ask_token(provider, grant_type="refresh_token", refresh_token=refresh_token, **more)


def refused(response, status, error):
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    found = response.json()
    assert found.get("error", found.get("code")) == error or found.get("code") == error, response.text
    return response.json()


for provider in PROVIDERS:

    @check(f"{provider}: a code for tokens")
    def _():
        answer = authorize(provider)
        equal((answer["state"], answer["via"]), ("s1", "check"))
        equal(answer.get("iss"), "https://accounts.google.com" if provider == "google" else None)
        response = exchange(provider, answer["code"])
        given = response.json()
        equal(response.headers["cache-control"], "no-store")
        equal(given["token_type"].lower(), "bearer")
        live = {token["value"]: token for token in tokens(live="true")}
        equal(live[given["access_token"]]["kind"], "access")
        equal(live[given["refresh_token"]]["account"], "ada")

    @check(f"{provider}: a code is good once, and its second use ends what it gave")
    def _():
        code = authorize(provider)["code"]
        given = exchange(provider, code).json()
        refused(exchange(provider, code), 400, "invalid_grant")
        refused(renew(provider, given["refresh_token"]), 400, DEAD[provider])
        equal({token["end"] for token in tokens()}, {"code_reused"})

    @check(f"{provider}: a code that ran out")
    def _():
        code = authorize(provider)["code"]
        equal(control("expire", kind="code")["ended"], 1)
        refused(exchange(provider, code), 400, "invalid_grant")
        equal(tokens(), [])

    @check(f"{provider}: PKCE is checked")
    def _():
        for verifier in (None, "x" * 43, VERIFIER[:-1]):
            refused(exchange(provider, authorize(provider)["code"], code_verifier=verifier), 400, "invalid_grant")
        equal(authorize(provider, code_challenge_method="plain")["error"], "invalid_request")
        if provider != "notion":
            equal(authorize(provider, code_challenge=None)["error"], "invalid_request")

    @check(f"{provider}: redirect URIs are compared whole")
    def _():
        for uri in (CALLBACK + "x", CALLBACK.upper(), CALLBACK.replace("127.0.0.1", "localhost"), None):
            response = authorize(provider, redirect_uri=uri)
            equal((response.status_code, "location" in response.headers), (400, False))
        wrong = exchange(provider, authorize(provider)["code"], redirect_uri="http://127.0.0.1:9/other")
        assert wrong.status_code in (400, 401) and wrong.json()["error"] in (
            "redirect_uri_mismatch", "invalid_client", "invalid_grant", "invalid_request"), wrong.text

    @check(f"{provider}: the client must be itself")
    def _():
        equal(authorize(provider, client_id="other").status_code, 401)
        code = authorize(provider)["code"]
        equal(exchange(provider, code, secret="wrong").json()["error"], "invalid_client")
        equal(exchange(provider, code, secret="wrong").status_code, 401)
        assert exchange(provider, code, client="other").json()["error"] in ("invalid_client", "unauthorized_client")
        control("clients", provider=provider, client_id="second", client_secret="2", redirect_uris=[CALLBACK])
        assert exchange(provider, code, client="second", secret="2").status_code in (400, 401)
        assert exchange(provider, code).ok

    @check(f"{provider}: a person says no")
    def _():
        answer = authorize(provider, auto="deny")
        equal((answer["error"], answer["state"], "code" in answer), ("access_denied", "s1", False))

    @check(f"{provider}: access taken back by the person")
    def _():
        given = connect(provider)
        control("revoke", account="ada", provider=provider)
        refused(renew(provider, given["refresh_token"]), 400, DEAD[provider])
        equal(tokens(live="true"), [])

    @check(f"{provider}: refresh tokens that ran out, access tokens that ran out")
    def _():
        given = connect(provider)
        equal(control("expire", kind="access", account="ada")["ended"], 1)
        assert renew(provider, given["refresh_token"]).ok
        control("expire", kind="refresh", provider=provider)
        refused(renew(provider, given["refresh_token"]), 400, DEAD[provider])

    @check(f"{provider}: what is not known is ignored, what comes twice is not")
    def _():
        assert "code" in authorize(provider, frobnicate="1")
        query = f"{AUTHORIZE[provider]}?client_id={CLIENT}&redirect_uri={requests.utils.quote(CALLBACK, safe='')}"
        response = requests.get(f"{BASE}{query}&response_type=code&state=a&state=b", allow_redirects=False)
        equal(callback(response.headers["location"])["error"], "invalid_request")

    @check(f"{provider}: the consent page by its form")
    def _():
        query = {
            "client_id": CLIENT, "redirect_uri": CALLBACK, "response_type": "code", "state": "<&\"'>",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256", **DEMANDS[provider],
        }
        page = requests.get(BASE + AUTHORIZE[provider], params=query)
        equal(page.status_code, 200)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, policy
        assert f"Simulated {provider.title()}" in page.text and "<script" not in page.text
        form = {"decision": "allow", "account": "grace", "scope": CALENDAR}
        answer = requests.post(page.url, data=form, allow_redirects=False)
        equal(callback(answer.headers["location"])["state"], "<&\"'>")
        exchange(provider, callback(answer.headers["location"])["code"])
        equal({token["account"] for token in tokens()}, {"grace"})
        nobody = requests.post(page.url, data={"decision": "allow", "account": "nobody"}, allow_redirects=False)
        equal(nobody.status_code, 400)

    # --- Faults ------------------------------------------------------------------------------------------------------

    @check(f"{provider}: errors on demand, so many times")
    def _():
        refresh = connect(provider)["refresh_token"]
        control("faults", provider=provider, endpoint="token", times=2, kind="status:503", retry_after="7")
        for _ in range(2):
            response = renew(provider, refresh)
            equal((response.status_code, response.headers["retry-after"]), (503, "7"))
        control("faults", provider=provider, kind="rate_limited", grant="refresh_token", times=1)
        equal(renew(provider, refresh).status_code, 429)
        control("faults", provider=provider, kind="invalid_grant", account="grace")
        control("faults", provider=provider, kind="html:502", times=1)
        equal(renew(provider, refresh).headers["content-type"], "text/html")
        equal([token["kind"] for token in tokens(live="true")], ["access", "refresh"])
        assert renew(provider, refresh).ok
        outcomes = [call["outcome"] for call in calls(endpoint="token", grant="refresh_token", account="ada")]
        equal(len(outcomes), 5)
        equal((outcomes[3], outcomes[4]), ("html", "ok"))

    @check(f"{provider}: a cut before and a cut after the deed")
    def _():
        refresh = connect(provider)["refresh_token"]
        count = len(tokens())
        control("faults", provider=provider, endpoint="token", times=1, kind="cut_before")
        raises(requests.ConnectionError, lambda: renew(provider, refresh))
        equal(len(tokens()), count)
        control("faults", provider=provider, endpoint="token", times=1, kind="cut_after")
        raises(requests.ConnectionError, lambda: renew(provider, refresh))
        assert len(tokens()) > count
        again = renew(provider, refresh)
        # Only where the refresh token was replaced is the lost answer a loss.
        equal(again.status_code, 400 if provider == "notion" else 200)
        equal([call["outcome"] for call in calls(grant="refresh_token")][:2], ["cut", "cut"])

    @check(f"{provider}: half an answer")
    def _():
        refresh = connect(provider)["refresh_token"]
        control("faults", provider=provider, endpoint="token", times=1, kind="malformed")
        response = renew(provider, refresh)
        equal(response.status_code, 200)
        raises(ValueError, response.json)

    @check(f"{provider}: held before and after the deed")
    def _():
        refresh = connect(provider)["refresh_token"]
        count = len(tokens())
        for kind, is_done in (("pause", False), ("pause_after", True)):
            control("faults", provider=provider, times=1, kind=kind)
            answers = []
            thread = threading.Thread(target=lambda: answers.append(renew(provider, refresh)))
            thread.start()
            (held,) = calls(paused="true", wait=10)
            equal((held["provider"], held["grant"], held["account"]), (provider, "refresh_token", "ada"))
            equal(len(tokens()) > count, is_done)
            equal(answers, [])
            requests.post(f"{CONTROL}/resume")
            thread.join(10)
            equal(answers[0].status_code, 200)
            refresh, count = answers[0].json().get("refresh_token", refresh), len(tokens())

    @check(f"{provider}: slow")
    def _():
        refresh = connect(provider)["refresh_token"]
        control("faults", provider=provider, times=1, kind="slow:300")
        start = time.monotonic()
        assert renew(provider, refresh).ok
        assert time.monotonic() - start >= 0.3


# --- Google -----------------------------------------------------------------------------------------------------------


def google_flow(scopes):
    config = {"web": {
        "client_id": CLIENT, "client_secret": SECRET, "auth_uri": BASE + AUTHORIZE["google"],
        "token_uri": BASE + TOKEN["google"],
    }}
    return Flow.from_client_config(config, scopes=scopes, redirect_uri=CALLBACK, autogenerate_code_verifier=True)


def google_connect(scopes=("openid", EMAIL, CALENDAR), account="ada", grant=None, **options):
    flow = google_flow(list(scopes))
    url, state = flow.authorization_url(**{"access_type": "offline", **options})
    url += f"&auto=allow&account={account}" + (f"&grant={grant}" if grant else "")
    location = requests.get(url, allow_redirects=False).headers["location"]
    equal(callback(location)["state"], state)
    flow.fetch_token(authorization_response=location)
    return flow


@check("google-auth-oauthlib connects, google-auth verifies and renews")
def _():
    flow = google_connect()
    credentials = flow.credentials
    assert credentials.valid and credentials.refresh_token
    equal(flow.oauth2session.token["expires_in"], 3599)
    transport = google.auth.transport.requests.Request()
    claims = google.oauth2.id_token.verify_token(
        credentials.id_token, transport, audience=CLIENT, certs_url=BASE + "/google/certs")
    equal((claims["iss"], claims["email"]), ("https://accounts.google.com", "ada@example.com"))
    person = requests.get(f"{CONTROL}/accounts").json()["accounts"][0]
    equal(claims["sub"], person["google"]["sub"])
    before, refresh = credentials.token, credentials.refresh_token
    credentials.refresh(transport)
    assert credentials.token != before and credentials.valid
    equal(credentials.refresh_token, refresh)


@check("google-auth names a revoked connection, and gets past a passing fault by itself")
def _():
    credentials = google_connect().credentials
    transport = google.auth.transport.requests.Request()
    control("faults", provider="google", times=1, kind="status:503")
    credentials.refresh(transport)
    control("faults", provider="google", times=1, kind="invalid_rapt")
    raises(google.auth.exceptions.RefreshError, lambda: credentials.refresh(transport), "Reauthentication")
    control("faults", provider="google", times=1, kind="error:admin_policy_enforced")
    raises(google.auth.exceptions.RefreshError, lambda: credentials.refresh(transport), "admin_policy_enforced")
    control("revoke", account="ada")
    raises(google.auth.exceptions.RefreshError, lambda: credentials.refresh(transport), "been expired or revoked")


@check("google: a refresh token only offline, and only at the first consent or with prompt=consent")
def _():
    assert google_connect(access_type="online").credentials.refresh_token is None
    assert google_connect(account="grace").credentials.refresh_token
    assert google_connect(account="grace").credentials.refresh_token is None
    assert google_connect(account="grace", prompt="consent").credentials.refresh_token
    control("revoke", account="grace")
    assert google_connect(account="grace").credentials.refresh_token


@check("google: a person grants a part, and more later")
def _():
    granted = google_connect(scopes=("openid", CALENDAR, MAIL), grant=CALENDAR).oauth2session.token["scope"]
    equal(granted, ["openid", CALENDAR])
    both = google_connect(scopes=(MAIL,), include_granted_scopes="true").oauth2session.token["scope"]
    equal(set(both), {"openid", CALENDAR, MAIL})
    alone = google_connect(scopes=(MAIL,)).oauth2session.token["scope"]
    equal(set(alone), {MAIL})
    answer = authorize("google", scope=MAIL, grant="nothing")
    equal(answer["error"], "access_denied")


@check("google: sign-in scopes are granted in their long form")
def _():
    equal(connect("google", scope="openid email profile")["scope"].split(), [
        "openid", EMAIL, "https://www.googleapis.com/auth/userinfo.profile"])
    equal(authorize("google", scope="frobnicate").status_code, 400)
    equal(authorize("google", scope=None).status_code, 400)


@check("google: the 101st refresh token silently ends the first")
def _():
    given = [connect("google")["refresh_token"] for _ in range(101)]
    refused(renew("google", given[0]), 400, "invalid_grant")
    assert renew("google", given[1]).ok and renew("google", given[100]).ok
    equal([token["end"] for token in tokens(kind="refresh")].count("displaced"), 1)


@check("google: revocation ends everything of the client, and a second one is invalid_token")
def _():
    first, second = connect("google"), connect("google")
    url = BASE + "/google/revoke"
    assert requests.post(url, data={"token": first["access_token"]}).ok
    refused(renew("google", second["refresh_token"]), 400, "invalid_grant")
    refused(requests.post(url, params={"token": first["refresh_token"]}), 400, "invalid_token")


@check("google: a consent screen in testing says when its refresh tokens end")
def _():
    register("google", refresh_expires_in=604800)
    equal(connect("google")["refresh_token_expires_in"], 604800)


@check("google: a form, and nothing else; a scope that was granted, and no other")
def _():
    equal(requests.post(BASE + TOKEN["google"], json={"grant_type": "refresh_token"}).status_code, 400)
    refresh = connect("google")["refresh_token"]
    equal(renew("google", refresh, scope=CALENDAR).json()["scope"], CALENDAR)
    refused(renew("google", refresh, scope=MAIL), 400, "invalid_scope")
    refused(ask_token("google", grant_type="password"), 400, "unsupported_grant_type")
    refused(ask_token("google", grant_type="refresh_token"), 400, "invalid_request")


# --- Microsoft --------------------------------------------------------------------------------------------------------


class ToSimulator(HTTPAdapter):
    """Sends to the simulator what is meant for Microsoft's host, as a proxy that ends TLS does."""

    def send(self, request, **options):
        path = request.url.removeprefix("https://login.microsoftonline.com")
        request.url = BASE + ("" if path.startswith("/microsoft/") else "/microsoft") + path
        request.headers.update({"Host": "login.microsoftonline.com", "X-Forwarded-Proto": "https"})
        return super().send(request, **options)


def msal_session():
    session = requests.Session()
    session.mount("https://login.microsoftonline.com/", ToSimulator())
    return session


def msal_application():
    return msal.ConfidentialClientApplication(
        CLIENT, client_credential=SECRET, authority="https://login.microsoftonline.com/common",
        http_client=msal_session())


def msal_connect(application, account="ada"):
    flow = application.initiate_auth_code_flow(["User.Read", "Calendars.ReadWrite"], redirect_uri=CALLBACK)
    url = f"{flow['auth_uri']}&auto=allow&account={account}"
    answer = callback(msal_session().get(url, allow_redirects=False).headers["location"])
    return application.acquire_token_by_auth_code_flow(flow, answer)


@check("msal connects and renews")
def _():
    application = msal_application()
    given = msal_connect(application)
    assert "access_token" in given, given
    person = requests.get(f"{CONTROL}/accounts").json()["accounts"][0]["microsoft"]
    claims = given["id_token_claims"]
    equal((claims["oid"], claims["tid"]), (person["oid"], person["tid"]))
    equal(claims["preferred_username"], "ada@example.com")
    (account,) = application.get_accounts()
    equal(account["home_account_id"], f"{person['oid']}.{person['tid']}")
    renewed = application.acquire_token_silent(["User.Read"], account, force_refresh=True)
    assert renewed["access_token"] != given["access_token"], renewed
    equal([call["outcome"] for call in calls(grant="refresh_token")], ["ok"])


@check("msal names a revoked connection")
def _():
    application = msal_application()
    msal_connect(application)
    (account,) = application.get_accounts()
    control("revoke", account="ada", provider="microsoft")
    answer = application.acquire_token_silent_with_error(["User.Read"], account, force_refresh=True)
    equal((answer["error"], answer["error_codes"]), ("invalid_grant", [50173]))


@check("microsoft: every renewal gives a further refresh token, and the old one stays live")
def _():
    first = connect("microsoft")["refresh_token"]
    second = renew("microsoft", first).json()["refresh_token"]
    assert second != first and renew("microsoft", first).ok and renew("microsoft", second).ok


@check("microsoft: no refresh token without offline_access; unknown tenants")
def _():
    assert "refresh_token" not in connect("microsoft", scope="openid User.Read")
    equal(requests.get(f"{BASE}/microsoft/nobody/oauth2/v2.0/authorize").status_code, 400)
    equal(requests.get(f"{BASE}/microsoft/nobody/v2.0/.well-known/openid-configuration").status_code, 400)


# --- Notion -----------------------------------------------------------------------------------------------------------


def notion():
    return notion_client.Client(options=notion_client.client.ClientOptions(base_url=BASE + "/notion"))


@check("notion-client connects, renews and revokes")
def _():
    code = authorize("notion", code_challenge=None, code_challenge_method=None)["code"]
    client = notion()
    given = client.oauth.token(
        CLIENT, SECRET, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    person = requests.get(f"{CONTROL}/accounts").json()["accounts"][0]["notion"]
    equal((given["bot_id"], given["workspace_id"]), (person["bot_id"], person["workspace_id"]))
    equal(given["owner"]["user"]["person"]["email"], "ada@example.com")
    renewed = client.oauth.token(CLIENT, SECRET, grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert renewed["access_token"] != given["access_token"] and renewed["refresh_token"] != given["refresh_token"]
    client.oauth.revoke(CLIENT, SECRET, token=renewed["access_token"])
    equal(tokens(live="true"), [])
    client.oauth.revoke(CLIENT, SECRET, token=renewed["access_token"])


@check("notion: the used refresh token is dead at once")
def _():
    first = connect("notion")
    second = renew("notion", first["refresh_token"]).json()
    refused(renew("notion", first["refresh_token"]), 400, "invalid_grant")
    assert renew("notion", second["refresh_token"]).ok
    equal(sorted({token["end"] for token in tokens() if token["end"]}), ["replaced"])


@check("notion: Basic and JSON, and nothing else")
def _():
    fields = {"grant_type": "refresh_token", "refresh_token": connect("notion")["refresh_token"]}
    url = BASE + TOKEN["notion"]
    refused(requests.post(url, json={**fields, "client_id": CLIENT, "client_secret": SECRET}), 401, "invalid_client")
    equal(requests.post(url, data=fields, auth=(CLIENT, SECRET)).status_code, 400)
    assert requests.post(url, json=fields, auth=(CLIENT, SECRET)).ok
    equal(authorize("notion", owner=None).status_code, 400)


# --- Canvas -----------------------------------------------------------------------------------------------------------


def canvas_session(**options):
    return OAuth2Session(CLIENT, redirect_uri=CALLBACK, pkce="S256", **options)


def canvas_connect(session):
    url, _ = session.authorization_url(BASE + AUTHORIZE["canvas"])
    location = requests.get(url + "&auto=allow&account=ada", allow_redirects=False).headers["location"]
    return session.fetch_token(
        BASE + TOKEN["canvas"], authorization_response=location, client_secret=SECRET, include_client_id=True)


@check("requests-oauthlib connects and renews at Canvas, and a renewal ends the old access token")
def _():
    session = canvas_session()
    given = dict(canvas_connect(session))
    equal((given["expires_in"], given["user"]["name"]), (3600, "Ada Lovelace"))
    renewed = session.refresh_token(BASE + TOKEN["canvas"], client_id=CLIENT, client_secret=SECRET)
    assert renewed["access_token"] != given["access_token"]
    equal([token["live"] for token in tokens(kind="access")], [False, True])
    answer = renew("canvas", given["refresh_token"]).json()
    assert "refresh_token" not in answer, answer
    control("revoke", account="ada")
    raises(
        OAuth2Error,
        lambda: session.refresh_token(BASE + TOKEN["canvas"], client_id=CLIENT, client_secret=SECRET),
        "refresh_token not found")


@check("canvas: revocation by the access token")
def _():
    given = connect("canvas")
    url = BASE + TOKEN["canvas"]
    equal(requests.delete(url).status_code, 400)
    assert requests.delete(url, headers={"Authorization": f"Bearer {given['access_token']}"}).ok
    equal(tokens(live="true"), [])
    again = requests.delete(url, headers={"Authorization": f"Bearer {given['access_token']}"})
    equal((again.status_code, again.headers["www-authenticate"][:6]), (401, "Bearer"))


# --- Control ----------------------------------------------------------------------------------------------------------


@check("accounts and tokens without a browser")
def _():
    control("accounts", prefix="load", count=500)
    names = [f"load{number}" for number in range(1, 501)]
    grants = control("grants", provider="google", client_id=CLIENT, accounts=names, scopes=[CALENDAR])["grants"]
    equal(len({grant["refresh_token"] for grant in grants}), 500)
    assert renew("google", grants[499]["refresh_token"]).ok
    (call,) = calls(account="load500")
    equal(call["presented"], 1000)


print(f"{passed} passed, {len(failed)} failed")
sys.exit(1 if failed else 0)
