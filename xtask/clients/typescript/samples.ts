// Every operation of the API with the TypeScript client that Redocly generates from openapi.yaml: the code samples of the
// API's page, each between two comments. It talks to the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names.

import { setTimeout as sleep } from 'node:timers/promises';

// The samples name the real addresses; here they lead to the fake.
const real = globalThis.fetch;
const fake = process.env['UPCLOUD_DEBUG_API_BASE_URL'] ?? '';
globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  return real(url.replace(/^https?:\/\/[^/]+/, fake), init);
};

// sample: setUp
import * as upcloud from './client.js';

upcloud.configure({ auth: { bearer: process.env['UPCLOUD_TOKEN'] ?? '' } });
// end of the sample

{
  // sample: listPlans
  const { plans } = await upcloud.listPlans();
  for (const plan of plans.plan) console.log(plan.name, plan.core_number, plan.memory_amount);
  // end of the sample
}
{
  // sample: listServerConfigurations
  const { server_sizes } = await upcloud.listServerConfigurations();
  for (const size of server_sizes.server_size) console.log(size.core_number, size.memory_amount);
  // end of the sample
}
{
  // sample: listZones
  const { zones } = await upcloud.listZones();
  for (const zone of zones.zone) console.log(zone.id, zone.description);
  // end of the sample
}
{
  // sample: listTimezones
  const { timezones } = await upcloud.listTimezones();
  console.log(timezones.timezone);
  // end of the sample
}
{
  // sample: listStorageCdroms
  const { storages } = await upcloud.listStorageCdroms();
  for (const cdrom of storages.storage) console.log(cdrom.uuid, cdrom.title);
  // end of the sample
}

// sample: listStorageTemplates
const { storages } = await upcloud.listStorageTemplates();
const template = storages.storage.find((storage) => storage.template_type === 'cloud-init');
if (template === undefined) throw new Error('no cloud-init template');
// end of the sample

// sample: createServer
let { server } = await upcloud.createServer({
  server: {
    hostname: 'web-1.example.com',
    title: 'Web server 1',
    zone: 'de-fra1',
    plan: '1xCPU-1GB',
    metadata: 'yes',
    labels: { label: [{ key: 'env', value: 'test' }] },
    storage_devices: {
      storage_device: [{ action: 'clone', storage: template.uuid, title: 'System disk', size: 20 }],
    },
    networking: {
      interfaces: { interface: [{ type: 'public', ip_addresses: { ip_address: [{ family: 'IPv4' }] } }] },
    },
    login_user: {
      username: 'deploy',
      ssh_keys: { ssh_key: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE me'] },
    },
  },
});
const uuid = server.uuid;
// end of the sample

// sample: getServer
({ server } = await upcloud.getServer({ uuid }));
while (server.state === 'maintenance') {
  await sleep(2000); // import { setTimeout as sleep } from 'node:timers/promises';
  ({ server } = await upcloud.getServer({ uuid }));
}
console.log(`${server.hostname} is ${server.state}`);
// end of the sample

{
  // sample: listServers
  const { servers } = await upcloud.listServers({ label: ['env=test'], limit: 100 });
  for (const server of servers.server) console.log(server.uuid, server.hostname, server.state);
  // end of the sample
}
{
  // sample: modifyServer
  const { server } = await upcloud.modifyServer({ uuid, server: { title: 'Web server one' } });
  console.log(server.title);
  // end of the sample
}

// sample: createServerGroup
const { server_group } = await upcloud.createServerGroup({
  server_group: { title: 'Web servers', anti_affinity: 'yes' },
});
const group = server_group.uuid;
// end of the sample

{
  // sample: listServerGroups
  const { server_groups } = await upcloud.listServerGroups();
  for (const group of server_groups.server_group) console.log(group.uuid, group.title);
  // end of the sample
}
{
  // sample: addServerToGroup
  await upcloud.addServerToGroup({ uuid: group, server: { uuid } });
  // end of the sample
}
{
  // sample: getServerGroup
  const { server_group } = await upcloud.getServerGroup({ uuid: group });
  console.log(server_group.title, server_group.anti_affinity);
  // end of the sample
}
{
  // sample: listServersInGroup
  const { servers } = await upcloud.listServersInGroup({ uuid: group });
  for (const member of servers.server) console.log(member);
  // end of the sample
}
{
  // sample: modifyServerGroup
  const { server_group } = await upcloud.modifyServerGroup({ uuid: group, server_group: { anti_affinity: 'no' } });
  console.log(server_group.anti_affinity);
  // end of the sample
}
{
  // sample: removeServerFromGroup
  await upcloud.removeServerFromGroup({ uuid: group, server_uuid: uuid });
  // end of the sample
}
{
  // sample: deleteServerGroup
  await upcloud.deleteServerGroup({ uuid: group });
  // end of the sample
}
{
  // sample: restartServer
  const { server } = await upcloud.restartServer({
    uuid,
    restart_server: { stop_type: 'soft', timeout: '60', timeout_action: 'destroy' },
  });
  console.log(server.state);
  // end of the sample
}
{
  // sample: cancelServerOperation
  await upcloud.cancelServerOperation({ uuid });
  // end of the sample
}
{
  // sample: startServer
  const { server } = await upcloud.startServer({ uuid, body: { server: { start_type: 'async' } } });
  console.log(server.state);
  // end of the sample
  await wait('started');
}
{
  // sample: stopServer
  const { server } = await upcloud.stopServer({ uuid, stop_server: { stop_type: 'soft', timeout: '60' } });
  console.log(server.state);
  // end of the sample
  await wait('stopped');
}
{
  // sample: deleteServer
  await upcloud.deleteServer({ uuid, storages: '1' });
  // end of the sample
}
{
  // sample: getMetadata
  const service = upcloud.createClient<upcloud.Ops>(upcloud.OPERATIONS, {
    serverUrl: 'http://169.254.169.254',
    argsStyle: 'flat',
  });
  const metadata = await service.getMetadata();
  console.log(metadata.hostname, metadata.region);
  // end of the sample
}
{
  // sample: listMetadataFields
  const service = upcloud.createClient<upcloud.Ops>(upcloud.OPERATIONS, {
    serverUrl: 'http://169.254.169.254',
    argsStyle: 'flat',
  });
  const names = await service.listMetadataFields();
  console.log(names.split('\n'));
  // end of the sample
}
{
  // sample: getMetadataField
  const service = upcloud.createClient<upcloud.Ops>(upcloud.OPERATIONS, {
    serverUrl: 'http://169.254.169.254',
    argsStyle: 'flat',
  });
  const region = await service.getMetadataField({ path: 'region' });
  console.log(region);
  // end of the sample
}

async function wait(state: upcloud.ServerState): Promise<void> {
  while ((await upcloud.getServer({ uuid })).server.state !== state) await sleep(100);
}
