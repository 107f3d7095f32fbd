import { systemClock } from '../../src/shared/clock.ts';
import { DeviceIdSchema, LEVELS } from '../../src/shared/words.ts';
import type { Store } from '../../src/store/store.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader, type Uploader, type UploadState } from '../../src/sync/uploader.ts';
import { mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../support/store-parts.ts';

/** A counter without a screen: a real store and the real uploader, which can be started anew at any moment. */
export interface ChaosKiosk {
  readonly deviceId: string;
  readonly publicKey: Uint8Array;
  readonly store: Store;
  readonly parked: number;
  rate(name: string): void;
  state(): UploadState;
  /** Starts, or gives up whatever is under way and starts anew. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  remove(): void;
}

export function createChaosKiosk(parts: {
  readonly deviceId: string;
  readonly url: string;
  readonly ca: string | undefined;
  readonly random: () => number;
  readonly onState: (state: UploadState) => void;
}): ChaosKiosk {
  const { folder, remove } = newFolder();
  const signer = newSigner();
  const deviceId = DeviceIdSchema.parse(parts.deviceId);
  const boot = 'one boot of a chaotic day';
  const store = mustOpen(storeParts(folder, { signer, deviceId, clock: systemClock, boot }));
  let running: { readonly uploader: Uploader; close(): Promise<void> } | undefined;
  let parked = 0;
  let rated = 0;

  const start = () => {
    const post = createHttpPost({
      baseUrl: parts.url,
      timeoutMs: 1_000,
      ...(parts.ca === undefined ? {} : { ca: parts.ca }),
    });
    const uploader = createUploader({
      store,
      link: 'province',
      post,
      signer,
      deviceId,
      clock: systemClock,
      random: parts.random,
      backoffLimits: { baseMs: 20, capMs: 300 },
      heartbeat: { everyMs: 1_500, boot },
      spreadMs: 50,
      onState(state) {
        if (state.state === 'held') {
          // A gateway that refuses even one commit as too large: somebody looks, and presses "try now".
          parked++;
          uploader.kick();
        }
        parts.onState(state);
      },
    });
    running = {
      uploader,
      async close() {
        await uploader.stop();
        await post.close();
      },
    };
    uploader.start();
  };

  return {
    deviceId,
    publicKey: signer.publicKey,
    store,
    get parked() {
      return parked;
    },
    rate(name) {
      rateOnce(store, name, LEVELS[rated++ % LEVELS.length] ?? 5);
    },
    state() {
      if (!running) throw new Error('the kiosk has not been started');
      return running.uploader.state();
    },
    async restart() {
      await running?.close();
      start();
    },
    async stop() {
      await running?.close();
      store.close();
    },
    remove,
  };
}
