import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPaired } from '../../src/core/paired.ts';
import { createPairing, type PairingSelf } from '../../src/core/pairing.ts';
import { DEFAULT_PAIRING_SETTINGS, type PairingSettings } from '../../src/core/pairing-settings.ts';
import type { SharedPorts } from '../../src/queue/links.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { type PairingCheckName, StaffPairingSchema } from '../../src/shared/screen/staff-pairing.ts';

/** A tablet's pairing with everything real but the screen and the kiosk that takes it up. */
export function createPairingTablet(
  parts: {
    readonly settings?: Partial<PairingSettings>;
    readonly self?: Partial<PairingSelf>;
    readonly clock?: Clock;
    readonly ports?: SharedPorts;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'pairing-'));
  const lines: string[] = [];
  const restarts: number[] = [];
  const lent: boolean[] = [];
  const pairing = createPairing({
    dataFolder: folder,
    clock: parts.clock ?? systemClock,
    version: 'test',
    self() {
      const found = readPaired(folder);
      return {
        hall: 'H1',
        counter: '3',
        timezone: 'Asia/Shanghai',
        deviceId: 'tablet-1',
        devicePublicKey: new Uint8Array(32).fill(7),
        configured: [],
        isFree: () => true,
        paired: found.ok ? found.paired : null,
        settings: { ...DEFAULT_PAIRING_SETTINGS, ...parts.settings },
        ...parts.self,
      };
    },
    restart: () => restarts.push(restarts.length),
    changed: () => {},
    ...(parts.ports ? { ports: parts.ports } : {}),
    lendCamera: (yes) => lent.push(yes),
    note: (...line) => lines.push(JSON.stringify(line)),
  });
  /** As the page would have it: it must fit the contract. */
  const view = () => StaffPairingSchema.parse(pairing.view());
  return {
    folder,
    lines,
    restarts,
    lent,
    pairing,
    view,
    trouble() {
      const { stage } = view();
      return stage.name === 'none' || stage.name === 'code' ? stage.trouble : stage.name;
    },
    check(name: PairingCheckName) {
      const { stage } = view();
      return stage.name === 'trial' ? stage.checks.find((one) => one.name === name) : undefined;
    },
    remove() {
      pairing.end();
      pairing.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Something at an address that is no queue system. */
export async function startStranger(hear: {
  readonly http?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly raw?: (socket: Socket) => void;
}): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = hear.http ? createHttpServer(hear.http) : createServer((socket) => hear.raw?.(socket));
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
