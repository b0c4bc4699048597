"""The vendor's own Python client, unchanged, against one fake, for `cargo xtask foreign`.

The base URL and the credentials are in the environment under the names that the vendor's tools use. Each line of the output
is JSON: what the client can do and what not. What it cannot do is tried as well, and must fail as it is written here.
"""

import json
import os
import sys

from upcloud_api import CloudManager, Label, Server, Storage, UpCloudAPIError, login_user_block
from upcloud_api.server_group import ServerGroup, ServerGroupAffinityPolicy

TEMPLATE = "01000000-0000-4000-8000-000020060100"
NOBODY = "00000000-0000-4000-8000-000000000000"
GENERIC = "manager.api"


def say(task, answer, note):
    print(json.dumps({"task": task, "answer": answer, "note": note}), flush=True)


def can(task, call):
    """The client does it, by a call of its own."""
    say(task, "yes", f"`{call}`")


def generic(task, has_no_call=None):
    """The client has no call for it; its public object for any request does it."""
    ensure(has_no_call is None or not hasattr(CloudManager, has_no_call), f"there is a {has_no_call} now")
    say(task, "generic", f"`{GENERIC}`")


def cannot(task, why, error, wanted, call):
    """The client has a call for it, which fails with this error."""
    try:
        call()
    except error as found:
        ensure(wanted in str(found), f"it fails to {task} in a new way: {found}")
        say(task, "no", why)
    else:
        raise AssertionError(f"it can {task} now, but is said not to, because {why}")


def ensure(holds, what):
    if not holds:
        raise AssertionError(what)


def base_url(url):
    """The variable of the vendor's other tools changes nothing; the attribute of the class that makes requests does."""
    os.environ["UPCLOUD_DEBUG_API_BASE_URL"] = url
    manager = CloudManager(token=os.environ["UPCLOUD_TOKEN"], timeout=30)
    ensure(manager.api.api_root == "https://api.upcloud.com/1.3", manager.api.api_root)
    say(
        "take the base URL from UPCLOUD_DEBUG_API_BASE_URL",
        "no",
        "the base URL is an attribute, `manager.api.api_root`",
    )
    manager.api.api_root = f"{url}/1.3"
    return manager


def lookups(manager):
    ensure(len(manager.get_server_plans()["plans"]["plan"]) == 10, "plans")
    can("list plans", "get_server_plans")
    ensure(len(manager.get_zones()["zones"]["zone"]) == 9, "zones")
    can("list zones", "get_zones")
    ensure(TEMPLATE in [list(entry.values())[0] for entry in manager.get_templates()], "templates")
    can("list templates", "get_templates")
    ensure("Europe/Helsinki" in manager.get_timezones()["timezones"]["timezone"], "timezones")
    ensure(len(manager.get_server_sizes()["server_sizes"]["server_size"]) > 100, "server sizes")


def new_server(hostname, **more):
    return Server(
        hostname=hostname,
        zone="fi-hel1",
        plan="1xCPU-2GB",
        title="Made by upcloud-api",
        labels=[Label("env", "prod")],
        login_user=login_user_block("deploy", ["ssh-ed25519 AAAA python"]),
        storage_devices=[Storage(os=TEMPLATE, size=25, tier="maxiops", labels=[Label("use", "system")])],
        **more,
    )


def life(manager):
    server = manager.create_server(new_server("python.example.net"))
    ensure(server.state == "maintenance", server.state)
    say("create a server", "yes", "`create_server`; without `networking`, as in its own examples")
    ensure(server.ensure_started() and server.state == "started", server.state)
    can("wait for a state of a server", "Server.ensure_started")

    listed = manager.get_servers()
    ensure([str(one) for one in listed] == [server.uuid], listed)
    can("list servers", "get_servers")
    listed = manager.api.get_request("/server", params={"label": "env=prod"})["servers"]["server"]
    ensure([one["uuid"] for one in listed] == [server.uuid], listed)
    ensure(not manager.api.get_request("/server", params={"label": "env=test"})["servers"]["server"], "env=test")
    generic("list servers by label")

    details = manager.get_server(server.uuid)
    ensure((details.hostname, details.core_number) == ("python.example.net", "1"), details.to_dict())
    ensure(details.get_public_ip() and details.storage_devices[0].size == 25, details.to_dict())
    can("get a server", "get_server")
    ensure(details.labels == {"label": [{"key": "env", "value": "prod"}]}, details.labels)
    can("label a server", "Server(labels=[..])")

    details.title = "Changed"
    details.save()
    modified = manager.modify_server(server.uuid, boot_order="cdrom")
    ensure((modified.title, modified.boot_order) == ("Changed", "cdrom"), modified.to_dict())
    can("modify a server", "Server.save")

    server.stop()
    ensure(server.populate().state == "stopped", server.state)
    can("stop a server", "Server.stop")
    server.start()
    ensure(server.populate().state == "started", server.state)
    can("start a server", "Server.start")
    server.restart()
    ensure(server.populate().state == "started", server.state)
    can("restart a server", "Server.restart")
    return server


def groups(manager, server):
    # Before Python 3.11 the enum of the client is sent as its value, since then as its name in Python.
    if sys.version_info >= (3, 11):
        try:
            manager.create_server_group(ServerGroup(title="default"))
            raise AssertionError("the enum of the policy is sent as its value now")
        except UpCloudAPIError as refused:
            ensure(refused.error_code == "INVALID_REQUEST", str(refused))
    wanted = ServerGroup(title="web", anti_affinity="strict", labels=[Label("env", "prod")])
    group = manager.create_server_group(wanted)
    say(
        "create a server group",
        "yes",
        "`create_server_group`, with the policy as a plain text: its enum is sent by name from Python 3.11 on",
    )
    ensure(ServerGroupAffinityPolicy.STRICT_ANTI_AFFINITY.value == group.anti_affinity, group.anti_affinity)
    cannot(
        "create a server group with members",
        "`ServerGroup.to_dict` fails when there are servers, and does not send them",
        AttributeError,
        "has no attribute 'Server'",
        lambda: manager.create_server_group(ServerGroup(title="full", servers=[server])),
    )
    fetched = manager.get_server_group(group.uuid)
    ensure((fetched.title, fetched.servers) == ("web", {"server": []}), fetched.servers)
    can("get a server group", "get_server_group")

    second = manager.create_server(new_server("python-2.example.net", server_group=group))
    can("create a server in a group", "Server(server_group=..)")
    path = f"/server-group/{group.uuid}"
    manager.api.post_request(f"{path}/servers", {"server": {"uuid": server.uuid}})
    generic("add a server to a group", "add_server_to_group")
    members = manager.api.get_request(f"{path}/servers")["servers"]["server"]
    ensure(len(members) == 2, members)
    generic("list the servers of a group", "get_server_group_servers")
    manager.api.delete_request(f"{path}/servers/{server.uuid}")
    generic("remove a server from a group", "remove_server_from_group")
    patched = manager.api.patch_request(path, {"server_group": {"title": "renamed", "anti_affinity": "yes"}})
    ensure(patched["server_group"]["title"] == "renamed", patched)
    ensure(patched["server_group"]["servers"] == {"server": [second.uuid]}, patched)
    generic("modify a server group", "modify_server_group")
    found = manager.api.get_request("/server-group", params={"label": "env=prod"})["server_groups"]["server_group"]
    ensure([one["uuid"] for one in found] == [group.uuid], found)
    generic("list server groups", "get_server_groups")
    manager.delete_server_group(group.uuid)
    ensure(not manager.api.get_request("/server-group")["server_groups"]["server_group"], "the group is there")
    can("delete a server group", "delete_server_group")
    return second


def errors(manager, server):
    try:
        server.start()
        raise AssertionError("a running server was started")
    except UpCloudAPIError as refused:
        ensure(refused.error_code == "SERVER_STATE_ILLEGAL", str(refused))
        ensure(server.uuid in refused.error_message, str(refused))
    try:
        manager.get_server(NOBODY)
        raise AssertionError("nobody was found")
    except UpCloudAPIError as refused:
        ensure(refused.error_code == "SERVER_NOT_FOUND", str(refused))
    can("read the code of an error", "UpCloudAPIError.error_code")

    stranger = CloudManager(username="stranger", password="wrong", timeout=30)
    stranger.api.api_root = manager.api.api_root
    try:
        stranger.get_servers()
        raise AssertionError("a stranger was let in")
    except UpCloudAPIError as refused:
        ensure("ERROR_AUTHENTICATION_FAILED" in refused.error_message, str(refused))
        ensure("AUTHENTICATION_FAILED" not in refused.error_code, "the code is read now")
    say(
        "read the code of an error in the newer form",
        "no",
        "`UpCloudAPIError.error_code` is the title of an `application/problem+json`",
    )


def delete(manager, servers):
    for server in servers:
        server.stop()
        ensure(server.populate().state == "stopped", server.state)
        server.destroy(delete_storages=True)
    ensure(manager.get_servers() == [], "servers are left")
    can("delete a server with its storages", "Server.destroy(delete_storages=True)")


def main():
    manager = base_url(os.environ["UPCLOUD_DEBUG_API_BASE_URL"])
    lookups(manager)
    server = life(manager)
    second = groups(manager, server)
    errors(manager, server)
    delete(manager, [server, second])


if __name__ == "__main__":
    main()
