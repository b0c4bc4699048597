"""A server's life with the Python client that openapi-generator makes from openapi.lenient.yaml.

It talks to the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names.
"""

import os
import time
from uuid import UUID

from upcloud_servers import (
    ApiClient,
    ApiException,
    Configuration,
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
    LookUpsApi,
    ServersApi,
    StopServer,
    StopServerRequest,
    StopType,
    StorageAction,
    StorageDeletion,
)


def main() -> None:
    configuration = Configuration(
        host=os.environ["UPCLOUD_DEBUG_API_BASE_URL"] + "/1.3",
        access_token=os.environ["UPCLOUD_TOKEN"],
    )
    with ApiClient(configuration) as api:
        life(ServersApi(api), LookUpsApi(api))


def life(upcloud: ServersApi, look_ups: LookUpsApi) -> None:
    templates = look_ups.list_storage_templates().storages.storage
    debian = next(template for template in templates if "Debian" in template.title)

    created = upcloud.create_server(CreateServerRequest(server=server(debian.uuid)))
    uuid = created.server.uuid
    wait(upcloud, uuid, "started")

    listed = [one.uuid for one in upcloud.list_servers(label=["made-by=python"]).servers.server]
    assert listed == [uuid], f"listed by its label: {listed}"

    stop = StopServerRequest(stop_server=StopServer(stop_type=StopType.HARD))
    upcloud.stop_server(uuid, stop)
    wait(upcloud, uuid, "stopped")

    try:
        upcloud.stop_server(uuid, stop)
    except ApiException as refused:
        assert isinstance(refused.data, ErrorBody)
        code = refused.data.error.error_code
        assert (refused.status, code) == (409, "SERVER_STATE_ILLEGAL"), (refused.status, code)
        print("refused as it should be:", code)
    else:
        raise AssertionError("a stopped server was stopped")

    upcloud.delete_server(uuid, storages=StorageDeletion.YES)


def server(template: UUID) -> CreateServer:
    disk = CreateStorageDevice(action=StorageAction.CLONE, storage=template, title="Disk", size=20)
    address = CreateIpAddress(family="IPv4")
    network = CreateInterface(type="public", ip_addresses=CreateIpAddressList(ip_address=[address]))
    return CreateServer(
        hostname="py.example.com",
        title="Made by Python",
        zone="de-fra1",
        plan="1xCPU-1GB",
        labels=LabelInputList(label=[LabelInput(key="made-by", value="python")]),
        storage_devices=CreateStorageDeviceList(storage_device=[disk]),
        networking=CreateNetworking(interfaces=CreateInterfaceList(interface=[network])),
    )


def wait(upcloud: ServersApi, uuid: UUID, state: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        one = upcloud.get_server(uuid).server
        print(one.hostname, "is", one.state)
        if one.state == state:
            return
        if one.state == "error":
            raise RuntimeError("the server failed")
        time.sleep(0.1)
    raise TimeoutError(f"the server did not reach {state}")


if __name__ == "__main__":
    main()
