"""A server's life with the Python client that Redocly generates from openapi.lenient.yaml.

It talks to the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names.
"""

import os
import time

from client import (
    ApiError,
    Client,
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
    StopServer,
    StopServerRequest,
    StopType,
    StorageAction,
    StorageDeletion,
    decode,
)


def main() -> None:
    upcloud = Client(
        os.environ["UPCLOUD_DEBUG_API_BASE_URL"] + "/1.3",
        auth={"bearer": os.environ["UPCLOUD_TOKEN"]},
    )
    templates = upcloud.list_storage_templates().storages.storage
    debian = next(template for template in templates if "Debian" in template.title)

    created = upcloud.create_server(
        CreateServerRequest(
            CreateServer(
                hostname="py.example.com",
                title="Made by Python",
                zone="de-fra1",
                plan="1xCPU-1GB",
                labels=LabelInputList([LabelInput("made-by", "python")]),
                storage_devices=CreateStorageDeviceList(
                    [CreateStorageDevice(StorageAction.CLONE, storage=debian.uuid, title="Disk", size=20)]
                ),
                networking=CreateNetworking(
                    CreateInterfaceList(
                        [
                            CreateInterface(
                                type_="public",
                                ip_addresses=CreateIpAddressList([CreateIpAddress(family="IPv4")]),
                            )
                        ]
                    )
                ),
            )
        )
    )
    uuid = created.server.uuid
    wait(upcloud, uuid, "started")

    listed = [server.uuid for server in upcloud.list_servers(label=["made-by=python"]).servers.server]
    assert listed == [uuid], f"listed by its label: {listed}"

    stop = StopServerRequest(StopServer(stop_type=StopType.HARD))
    upcloud.stop_server(uuid, stop)
    wait(upcloud, uuid, "stopped")

    try:
        upcloud.stop_server(uuid, stop)
    except ApiError as error:
        code = error_code(error)
        assert (error.status, code) == (409, "SERVER_STATE_ILLEGAL"), (error.status, code)
        print("refused as it should be:", code)
    else:
        raise AssertionError("a stopped server was stopped")

    upcloud.delete_server(uuid, storages=StorageDeletion._1)


def wait(upcloud: Client, uuid: str, state: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        server = upcloud.get_server(uuid).server
        print(server.hostname, "is", server.state)
        if server.state == state:
            return
        if server.state == "error":
            raise RuntimeError("the server failed")
        time.sleep(0.1)
    raise TimeoutError(f"the server did not reach {state}")


def error_code(error: ApiError) -> str:
    """The client keeps the body as plain values; `decode` makes the type of it."""
    body = decode(ErrorBody, error.body)
    assert isinstance(body, ErrorBody) and body.error.error_code is not None
    return body.error.error_code


if __name__ == "__main__":
    main()
