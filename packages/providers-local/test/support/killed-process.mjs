// A process that fills a directory until it is killed, and tells of all that it was promised. Plain JavaScript on the built package: a child
// has no test runner.
import { LocalImages, LocalNetworks, LocalVolumes } from '@virtkit/providers-local';

const directory = process.argv[2] ?? '';
const host = 'host-1';
const projectId = 'acme';

/** @param {string} what @param {string} [id] */
const tell = (what, id) => process.send?.({ what, id });

const images = await LocalImages.open({ directory, isInUse: async () => false });
const networks = await LocalNetworks.open({ directory, networks: [{ id: 'outside', type: 'user' }] });
const volumes = await LocalVolumes.open({ directory, hosts: [host] });

async function* disk() {
  for (let chunk = 0; chunk < 4; chunk += 1) {
    tell('chunk');
    yield Buffer.alloc(256 * 1024, chunk + 1);
  }
}

tell('open');
while (true) {
  const { id } = await images.addImage({ name: 'an image', disk: { stream: disk() }, diskFormat: 'raw' });
  tell('image', id);
  const instanceUuid = crypto.randomUUID();
  await networks.allocate({ instanceUuid, projectId, host, requests: [{ networkId: 'outside' }] });
  tell('allocation', instanceUuid);
  const volume = await volumes.createVolume({ name: 'a volume', projectId, sizeMib: 8 });
  tell('volume', volume.id);
  await volumes.connect(volume.id, { instanceUuid, projectId, connector: { host, address: '127.0.0.1' } });
  tell('connection', volume.id);
  await images.deleteImage(id);
  tell('deletion', id);
}
