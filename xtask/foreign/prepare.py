"""Makes the fake a place where made-up requests can succeed, for `cargo xtask foreign`.

Usage: prepare.py BASE_URL TOKEN FOLDER. Into the folder go dictionaries of what is there, and what to put into the place of
each identifier that the examples of openapi.yaml use.
"""

import json
import pathlib
import sys

import requests

base, token, folder = sys.argv[1:]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {token}"
session.trust_env = False


def ask(method, path, body=None):
    answer = session.request(method, base + path, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


servers = [server["uuid"] for server in ask("GET", "/1.3/server")["servers"]["server"]]
shown = [ask("GET", f"/1.3/server/{uuid}")["server"] for uuid in servers[:3]]


def group(policy, members):
    wanted = {"title": f"Group with {policy}", "anti_affinity": policy, "servers": {"server": members}}
    return ask("POST", "/1.3/server-group", {"server_group": wanted})["server_group"]["uuid"]


# Requests delete the groups; home stays, for requests that put a server into a group or take one out of it.
home = group("no", servers[20:40])
groups = [group(policy, []) for policy in ["no", "yes", "strict"] * 4]
# The first is the one that the metadata service describes; of the others some can be started and deleted, some cancelled.
ask("PUT", f"/1.3/server/{servers[0]}", {"server": {"metadata": "yes"}})
ask("POST", "/_fake/metadata_for", {"uuid": servers[0]})
for uuid in servers[1::3]:
    ask("POST", "/_fake/set_state", {"uuid": uuid, "state": "stopped"})
for uuid in servers[2::3]:
    ask("POST", "/_fake/set_state", {"uuid": uuid, "state": "maintenance"})

templates = [one["uuid"] for one in ask("GET", "/1.3/storage/template")["storages"]["storage"]]
cdroms = [one["uuid"] for one in ask("GET", "/1.3/storage/cdrom")["storages"]["storage"]]
disk = shown[0]["storage_devices"]["storage_device"][0]["storage"]
dictionaries = {
    "servers": servers[1:],
    "groups": groups,
    "home": [home],
    "members": servers[20:40],
    "storages": [*templates, *cdroms, disk],
    "zones": [zone["id"] for zone in ask("GET", "/1.3/zone")["zones"]["zone"]],
    "plans": ["custom", *(plan["name"] for plan in ask("GET", "/1.3/plan")["plans"]["plan"])],
    "timezones": ask("GET", "/1.3/timezone")["timezones"]["timezone"],
}
for name, values in dictionaries.items():
    lines = "".join(f'"{value}"\n' for value in values)
    pathlib.Path(folder, f"{name}.dict").write_text(lines, encoding="utf-8")

# What the examples of openapi.yaml are about.
values = {
    "00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b": servers[3],
    "005d1b7e-2f4a-4c83-8d1e-6b7a8c9d0e1f": servers[6],
    "0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64": home,
    "01f4a5d2-6a3e-4d4b-9c4e-0a1b2c3d4e5f": disk,
    "01000000-0000-4000-8000-000020070101": cdroms[0],
    "5302410115": str(shown[0]["host"]),
    "5302410371": str(shown[1]["host"]),
}
parameters = {"ServerUuid": servers[10], "GroupUuid": groups[0], "MemberUuid": servers[20]}
examples = json.dumps({"values": values, "parameters": parameters})
pathlib.Path(folder, "examples.json").write_text(examples, encoding="utf-8")
