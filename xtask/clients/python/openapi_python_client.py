"""A server's life with the Python client that openapi-python-client makes from openapi.lenient.yaml.

It talks to the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names. An answer is a union of what the description lists
for it, errors included, so the type checker asks for each of them.
"""

import os
import time
from uuid import UUID

from up_cloud_servers_client import AuthenticatedClient
from up_cloud_servers_client.api.look_ups import list_storage_templates
from up_cloud_servers_client.api.servers import (
    create_server,
    delete_server,
    get_server,
    list_servers,
    stop_server,
)
from up_cloud_servers_client.models import (
    CreateInterface,
    CreateInterfaceList,
    CreateIpAddress,
    CreateIpAddressList,
    CreateNetworking,
    CreateServer,
    CreateServerRequest,
    CreateStorageDevice,
    CreateStorageDeviceList,
    ErrorBody,
    LabelInput,
    LabelInputList,
    ServerResponse,
    ServersResponse,
    StopServer,
    StopServerRequest,
    StopType,
    StorageAction,
    StorageDeletion,
    StoragesResponse,
)


def main() -> None:
    base_url = os.environ["UPCLOUD_DEBUG_API_BASE_URL"] + "/1.3"
    with AuthenticatedClient(base_url=base_url, token=os.environ["UPCLOUD_TOKEN"]) as client:
        life(client)


def life(client: AuthenticatedClient) -> None:
    templates = list_storage_templates.sync(client=client)
    assert isinstance(templates, StoragesResponse), templates
    debian = next(template for template in templates.storages.storage if "Debian" in template.title)

    created = create_server.sync(client=client, body=CreateServerRequest(server(debian.uuid)))
    assert isinstance(created, ServerResponse), created
    uuid = created.server.uuid
    wait(client, uuid, "started")

    listed = list_servers.sync(client=client, label=["made-by=python"])
    assert isinstance(listed, ServersResponse), listed
    assert [one.uuid for one in listed.servers.server] == [uuid], listed

    stop = StopServerRequest(StopServer(stop_type=StopType.HARD))
    stopped = stop_server.sync(uuid, client=client, body=stop)
    assert isinstance(stopped, ServerResponse), stopped
    wait(client, uuid, "stopped")

    refused = stop_server.sync_detailed(uuid, client=client, body=stop)
    assert isinstance(refused.parsed, ErrorBody), "a stopped server was stopped"
    code = refused.parsed.error.error_code
    assert (refused.status_code, code) == (409, "SERVER_STATE_ILLEGAL"), (refused.status_code, code)
    print("refused as it should be:", code)

    deleted = delete_server.sync_detailed(uuid, client=client, storages=StorageDeletion.YES)
    assert deleted.status_code == 204, deleted


def server(template: UUID) -> CreateServer:
    disk = CreateStorageDevice(StorageAction.CLONE, storage=template, title="Disk", size=20)
    network = CreateInterface(CreateIpAddressList([CreateIpAddress("IPv4")]), "public")
    return CreateServer(
        hostname="py.example.com",
        title="Made by Python",
        zone="de-fra1",
        plan="1xCPU-1GB",
        labels=LabelInputList([LabelInput("made-by", "python")]),
        storage_devices=CreateStorageDeviceList([disk]),
        networking=CreateNetworking(CreateInterfaceList([network])),
    )


def wait(client: AuthenticatedClient, uuid: UUID, state: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = get_server.sync(uuid, client=client)
        assert isinstance(answer, ServerResponse), answer
        print(answer.server.hostname, "is", answer.server.state)
        if answer.server.state == state:
            return
        if answer.server.state == "error":
            raise RuntimeError("the server failed")
        time.sleep(0.1)
    raise TimeoutError(f"the server did not reach {state}")


if __name__ == "__main__":
    main()
