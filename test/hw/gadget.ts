import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A report that the host does not fetch in this time is lost, as with real firmware. */
const SEND_LIMIT_MS = 400;

/** A USB device made of the kernel's own parts, seen from its inside. Its cable can be pulled. */
export interface Gadget {
  plug(): Promise<void>;
  pull(): Promise<void>;
  /** @returns false when the host did not fetch it. */
  send(bytes: Uint8Array): Promise<boolean>;
  /** Firmware that hangs: what the host sends stays where it is. */
  stopReading(): void;
  /** Gone for good, with its nodes. */
  remove(): Promise<void>;
}

export interface GadgetIdentity {
  readonly name: string;
  readonly vendorId: string;
  readonly productId: string;
  readonly serial: string;
}

/**
 * @param parts.functions as the guest's `gadget` command names them; the first one is read and sent to.
 * @param parts.onBytes what the host sent: for HID any number of whole reports.
 */
export async function createGadget(
  parts: GadgetIdentity & {
    readonly functions: readonly string[];
    readonly onBytes: (bytes: Uint8Array) => void;
  },
): Promise<Gadget> {
  const { name, vendorId, productId, serial, functions, onBytes } = parts;
  const ids = ['--vid', `0x${vendorId}`, '--pid', `0x${productId}`, '--serial', serial];
  await gadget('new', name, ...ids, ...functions);
  let file: FileHandle | undefined;
  let reader: ChildProcess | undefined;
  let node = '';
  let reading = true;
  let there = true;

  /** A process of its own: a read waits in the kernel, and some kernels end it when the cable is pulled. */
  const read = () => {
    if (!there || !reading) return;
    const child = spawn('cat', [node], { stdio: ['ignore', 'pipe', 'ignore'] });
    reader = child;
    child.unref();
    child.stdout.on('data', (bytes: Uint8Array) => {
      if (reader === child) onBytes(bytes);
    });
    child.once('exit', () => {
      if (reader === child) setTimeout(read, 20);
    });
  };
  const shut = async () => {
    reader?.kill('SIGKILL');
    reader = undefined;
    // Not waited for: a line with something left to send takes fifteen seconds over it.
    void file?.close().catch(() => {});
    file = undefined;
  };

  return {
    async plug() {
      node = (await gadget('plug', name)).split('\n')[0] ?? '';
      const isSerial = node.includes('ttyGS');
      // A serial line's open files are hung up by the pulled cable; a HID node's go on.
      if (file && !isSerial) return;
      await shut();
      if (isSerial) await run('stty', ['-F', node, 'raw', '-echo']);
      file = await open(node, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
      read();
    },
    async pull() {
      await gadget('unplug', name);
    },
    async send(bytes) {
      const endMs = performance.now() + SEND_LIMIT_MS;
      for (;;) {
        try {
          await file?.write(bytes);
          return true;
        } catch (error) {
          const code = error instanceof Error && 'code' in error ? String(error.code) : '';
          if (!['EAGAIN', 'ESHUTDOWN', 'EIO'].includes(code)) throw error;
          if (performance.now() > endMs) return false;
        }
        await wait(5);
      }
    },
    stopReading() {
      reading = false;
      reader?.kill('SIGKILL');
      reader = undefined;
    },
    async remove() {
      there = false;
      await shut();
      // A pulled cable stays pulled for whoever gets this socket next, unless it is put back first.
      await gadget('plug', name);
      await gadget('unbind', name);
      await gadget('rm', name);
    },
  };
}

async function gadget(...args: string[]): Promise<string> {
  return (await run('/hidbench/guest/gadget', args)).stdout.trim();
}
