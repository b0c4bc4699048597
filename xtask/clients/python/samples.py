"""Every operation of the API with the Python client that openapi-generator makes from openapi.lenient.yaml.

These are the code samples of the API's page, each between two comments. It talks to the fake, or to whatever
UPCLOUD_DEBUG_API_BASE_URL names.
"""

# sample: setUp
import os
import time

import upcloud_servers as upcloud

configuration = upcloud.Configuration(access_token=os.environ["UPCLOUD_TOKEN"])
# end of the sample
# The metadata service has an address of its own, for which the fake is a proxy.
fake = os.environ["UPCLOUD_DEBUG_API_BASE_URL"]
configuration.host, configuration.proxy = fake + "/1.3", fake
# sample: setUp
api = upcloud.ApiClient(configuration)
servers = upcloud.ServersApi(api)
groups = upcloud.ServerGroupsApi(api)
look_ups = upcloud.LookUpsApi(api)
# end of the sample


def wait(state: str) -> None:
    while servers.get_server(server.uuid).server.state != state:
        time.sleep(0.1)


# sample: listPlans
for plan in look_ups.list_plans().plans.plan:
    print(plan.name, plan.core_number, plan.memory_amount)
# end of the sample

# sample: listServerConfigurations
for size in look_ups.list_server_configurations().server_sizes.server_size:
    print(size.core_number, size.memory_amount)
# end of the sample

# sample: listZones
for zone in look_ups.list_zones().zones.zone:
    print(zone.id, zone.description)
# end of the sample

# sample: listTimezones
for timezone in look_ups.list_timezones().timezones.timezone:
    print(timezone)
# end of the sample

# sample: listStorageCdroms
for cdrom in look_ups.list_storage_cdroms().storages.storage:
    print(cdrom.uuid, cdrom.title)
# end of the sample

# sample: listStorageTemplates
templates = look_ups.list_storage_templates().storages.storage
template = next(storage for storage in templates if storage.template_type == "cloud-init")
# end of the sample

# sample: createServer
disk = upcloud.CreateStorageDevice(
    action=upcloud.StorageAction.CLONE,
    storage=template.uuid,
    title="System disk",
    size=20,
)
address = upcloud.CreateIpAddress(family="IPv4")
addresses = upcloud.CreateIpAddressList(ip_address=[address])
public = upcloud.CreateInterface(type="public", ip_addresses=addresses)
ssh_keys = upcloud.SshKeyList(ssh_key=["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE me"])
wanted = upcloud.CreateServer(
    hostname="web-1.example.com",
    title="Web server 1",
    zone="de-fra1",
    plan="1xCPU-1GB",
    metadata=upcloud.YesNo.YES,
    labels=upcloud.LabelInputList(label=[upcloud.LabelInput(key="env", value="test")]),
    storage_devices=upcloud.CreateStorageDeviceList(storage_device=[disk]),
    networking=upcloud.CreateNetworking(interfaces=upcloud.CreateInterfaceList(interface=[public])),
    login_user=upcloud.LoginUser(username="deploy", ssh_keys=ssh_keys),
)
server = servers.create_server(upcloud.CreateServerRequest(server=wanted)).server
# end of the sample

# sample: getServer
server = servers.get_server(server.uuid).server
while server.state == "maintenance":
    time.sleep(2)
    server = servers.get_server(server.uuid).server
print(server.hostname, "is", server.state)
# end of the sample

# sample: listServers
for one in servers.list_servers(label=["env=test"], limit=100).servers.server:
    print(one.uuid, one.hostname, one.state)
# end of the sample

# sample: modifyServer
changes = upcloud.ModifyServer(title="Web server one")
server = servers.modify_server(server.uuid, upcloud.ModifyServerRequest(server=changes)).server
# end of the sample

# sample: createServerGroup
new = upcloud.CreateServerGroup(title="Web servers", anti_affinity="yes")
group = groups.create_server_group(upcloud.CreateServerGroupRequest(server_group=new)).server_group
# end of the sample

# sample: listServerGroups
for found in groups.list_server_groups().server_groups.server_group:
    print(found.uuid, found.title)
# end of the sample

# sample: addServerToGroup
member = upcloud.ServerReference(uuid=server.uuid)
groups.add_server_to_group(group.uuid, upcloud.AddServerToGroupRequest(server=member))
# end of the sample

# sample: getServerGroup
group = groups.get_server_group(group.uuid).server_group
print(group.title, group.anti_affinity)
# end of the sample

# sample: listServersInGroup
for uuid in groups.list_servers_in_group(group.uuid).servers.server:
    print(uuid)
# end of the sample

# sample: modifyServerGroup
policy = upcloud.ModifyServerGroup(anti_affinity="no")
group = groups.modify_server_group(group.uuid, upcloud.ModifyServerGroupRequest(server_group=policy)).server_group
# end of the sample

# sample: removeServerFromGroup
groups.remove_server_from_group(group.uuid, server.uuid)
# end of the sample

# sample: deleteServerGroup
groups.delete_server_group(group.uuid)
# end of the sample

# sample: restartServer
restart = upcloud.RestartServer(
    stop_type=upcloud.StopType.SOFT, timeout="60", timeout_action=upcloud.TimeoutAction.DESTROY
)
server = servers.restart_server(server.uuid, upcloud.RestartServerRequest(restart_server=restart)).server
# end of the sample

# sample: cancelServerOperation
servers.cancel_server_operation(server.uuid)
# end of the sample

# sample: startServer
start = upcloud.StartServer(start_type=upcloud.StartType.ASYNC)
server = servers.start_server(server.uuid, upcloud.StartServerRequest(server=start)).server
# end of the sample
wait("started")

# sample: stopServer
stop = upcloud.StopServer(stop_type=upcloud.StopType.SOFT, timeout="60")
server = servers.stop_server(server.uuid, upcloud.StopServerRequest(stop_server=stop)).server
# end of the sample
wait("stopped")

# sample: deleteServer
servers.delete_server(server.uuid, storages=upcloud.StorageDeletion.YES)
# end of the sample

# sample: getMetadata
metadata = upcloud.MetadataApi(api).get_metadata()
print(metadata.hostname, metadata.region)
# end of the sample

# sample: listMetadataFields
names = upcloud.MetadataApi(api).list_metadata_fields().splitlines()
# end of the sample
print(names)

# sample: getMetadataField
region = upcloud.MetadataApi(api).get_metadata_field("region")
# end of the sample
print(region)
