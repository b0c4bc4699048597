// A server's life with the TypeScript client that openapi-generator (typescript-fetch) makes from openapi.yaml. It talks
// to the fake, or to whatever UPCLOUD_DEBUG_API_BASE_URL names.

import { setTimeout as sleep } from 'node:timers/promises';

import {
  Configuration,
  ErrorBodyFromJSON,
  LookUpsApi,
  ResponseError,
  ServersApi,
  ServerState,
  StopType,
  StorageDeletion,
} from './client/index.js';

const configuration = new Configuration({
  basePath: `${process.env['UPCLOUD_DEBUG_API_BASE_URL'] ?? ''}/1.3`,
  accessToken: process.env['UPCLOUD_TOKEN'] ?? '',
});
const upcloud = new ServersApi(configuration);

const { storages } = await new LookUpsApi(configuration).listStorageTemplates();
const debian = storages.storage.find((storage) => storage.title.includes('Debian'));
if (debian === undefined) throw new Error('no Debian template');

const { server } = await upcloud.createServer({
  createServerRequest: {
    server: {
      hostname: 'ts.example.com',
      title: 'Made by TypeScript',
      zone: 'de-fra1',
      plan: '1xCPU-1GB',
      labels: { label: [{ key: 'made-by', value: 'typescript' }] },
      storageDevices: { storageDevice: [{ action: 'clone', storage: debian.uuid, title: 'Disk', size: 20 }] },
      networking: { interfaces: { _interface: [{ type: 'public', ipAddresses: { ipAddress: [{ family: 'IPv4' }] } }] } },
    },
  },
});
await wait(server.uuid, ServerState.Started);

const listed = await upcloud.listServers({ label: ['made-by=typescript'] });
const uuids = listed.servers.server.map((one) => one.uuid);
if (uuids.length !== 1 || uuids[0] !== server.uuid) throw new Error(`listed by its label: ${uuids.join()}`);

const stop = { uuid: server.uuid, stopServerRequest: { stopServer: { stopType: StopType.Hard } } };
await upcloud.stopServer(stop);
await wait(server.uuid, ServerState.Stopped);

const refused = await upcloud.stopServer(stop).then(
  () => undefined,
  (error: unknown) => error,
);
if (!(refused instanceof ResponseError) || refused.response.status !== 409) {
  throw new Error('a stopped server was stopped', { cause: refused });
}
const { error } = ErrorBodyFromJSON(await refused.response.json());
if (error.errorCode !== 'SERVER_STATE_ILLEGAL') throw new Error(`refused for another reason: ${error.errorCode}`);
console.log(`refused as it should be: ${error.errorCode}`);

await upcloud.deleteServer({ uuid: server.uuid, storages: StorageDeletion.YES });

async function wait(uuid: string, state: ServerState): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { server } = await upcloud.getServer({ uuid });
    console.log(`${server.hostname} is ${server.state}`);
    if (server.state === state) return;
    if (server.state === ServerState.Error) throw new Error('the server failed');
    await sleep(100);
  }
  throw new Error(`the server did not reach ${state}`);
}
