// A server's life with the TypeScript client that Redocly generates from openapi.yaml. It talks to the fake, or to
// whatever UPCLOUD_DEBUG_API_BASE_URL names.

import { setTimeout as sleep } from 'node:timers/promises';

import * as upcloud from './client.js';
import { ApiError, ServerState, type ErrorCode, type ErrorBody } from './client.js';

upcloud.configure({
  serverUrl: `${process.env['UPCLOUD_DEBUG_API_BASE_URL'] ?? ''}/1.3`,
  auth: { bearer: process.env['UPCLOUD_TOKEN'] ?? '' },
});

const { storages } = await upcloud.listStorageTemplates();
const debian = storages.storage.find((storage) => storage.title.includes('Debian'));
if (debian === undefined) throw new Error('no Debian template');

const { server } = await upcloud.createServer({
  server: {
    hostname: 'ts.example.com',
    title: 'Made by TypeScript',
    zone: 'de-fra1',
    plan: '1xCPU-1GB',
    labels: { label: [{ key: 'made-by', value: 'typescript' }] },
    storage_devices: { storage_device: [{ action: 'clone', storage: debian.uuid, title: 'Disk', size: 20 }] },
    networking: {
      interfaces: { interface: [{ type: 'public', ip_addresses: { ip_address: [{ family: 'IPv4' }] } }] },
    },
  },
});
await wait(server.uuid, ServerState.started);

const listed = await upcloud.listServers({ label: ['made-by=typescript'] });
const uuids = listed.servers.server.map((one) => one.uuid);
if (uuids.length !== 1 || uuids[0] !== server.uuid) throw new Error(`listed by its label: ${uuids.join()}`);

await upcloud.stopServer({ uuid: server.uuid, stop_server: { stop_type: 'hard' } });
await wait(server.uuid, ServerState.stopped);

const refused = await upcloud.stopServer({ uuid: server.uuid, stop_server: { stop_type: 'hard' } }).then(
  () => undefined,
  (error: unknown) => error,
);
if (!(refused instanceof ApiError) || refused.status !== 409 || code(refused) !== 'SERVER_STATE_ILLEGAL') {
  throw new Error('a stopped server was stopped', { cause: refused });
}
console.log(`refused as it should be: ${code(refused)}`);

await upcloud.deleteServer({ uuid: server.uuid, storages: '1' });

async function wait(uuid: string, state: ServerState): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { server } = await upcloud.getServer({ uuid });
    console.log(`${server.hostname} is ${server.state}`);
    if (server.state === state) return;
    if (server.state === ServerState.error) throw new Error('the server failed');
    await sleep(100);
  }
  throw new Error(`the server did not reach ${state}`);
}

/** The client keeps the body as it came, because a gateway may have written it. */
function code(error: ApiError): ErrorCode | undefined {
  return (error.body as Partial<ErrorBody> | undefined)?.error?.error_code;
}
