import { lstat, stat } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import type { Clock } from '../../shared/clock.ts';
import { placeName } from '../settings.ts';
import { errorText } from './error-text.ts';
import { findSerial } from './find-serial.ts';
import type { OpenPort, OpenRequest, OpenResult, Port, PortFault } from './port.ts';
import { portHolders } from './port-holder.ts';

/** How often the device node is looked at: a driver may say nothing when its device goes. */
const NODE_POLL_MS = 500;
/** Bytes handed over and not yet sent. Firmware that does not read must not pile up what holds up closing. */
const OUTSTANDING_LIMIT = 256;
/** A driver may hold `close` for half a minute while unread output waits. */
const CLOSE_LIMIT_MS = 1_000;

/**
 * Serial ports (RS-232, USB CDC, bridge chips). A `SerialPort` object serves one connection and is never opened
 * again: a write to a closed one is kept and would reach the box after its replug.
 */
export function createSerialPorts(parts: {
  readonly clock: Clock;
  /** The driver's class; a test gives the library's own stand-in. Default: the native one. */
  readonly load?: () => Promise<{ new (options: SerialOptions): SerialPort }>;
}): OpenPort {
  const { load = loadNative } = parts;
  return async (request) => {
    const { where, transport } = request;
    if (transport.kind !== 'serial')
      return {
        ok: false,
        fault: { code: 'ioError', path: placeName(where), detail: `no serial line: ${transport.kind}` },
      };
    const found = await findSerial(where);
    if (!found.ok) return found;
    const { path } = found;
    const { baudRate, dataBits, parity, stopBits } = transport;
    let serial: SerialPort;
    try {
      // Loaded with the first box: native code that does not load is a box that is not there, not a dead kiosk.
      const Driver = await load();
      serial = new Driver({ path, baudRate, dataBits, parity, stopBits, autoOpen: false });
    } catch (error) {
      return { ok: false, fault: { code: 'ioError', path, detail: errorText(error) } };
    }
    const connection = createConnection({ ...parts, request, path, serial });
    return new Promise((resolve) => {
      serial.open((error) => {
        if (error) {
          connection.forget();
          resolve(refusal(path, error));
        } else {
          resolve(connection.opened());
        }
      });
    });
  };
}

type SerialOptions = ConstructorParameters<typeof SerialPort>[0];

async function loadNative(): Promise<typeof SerialPort> {
  return (await import('serialport')).SerialPort;
}

interface Connection {
  opened(): OpenResult;
  forget(): void;
}

function createConnection(parts: {
  readonly clock: Clock;
  readonly request: OpenRequest;
  readonly path: string;
  readonly serial: SerialPort;
}): Connection {
  const { clock, request, path, serial } = parts;
  let live = false;
  let outstanding = 0;
  let undrained = 0;
  let draining = false;
  let stopWatching = () => {};

  const gone = (code: PortFault['code'], cause: unknown) => {
    if (!live) return;
    live = false;
    stopWatching();
    void closeQuietly(clock, serial);
    request.onGone({ code, path, detail: errorText(cause) });
  };

  // One listener each for the life of the object. `error` stays: a late one would otherwise end the process.
  serial.on('error', (error: unknown) => gone('ioError', error));
  serial.on('close', (error: unknown) => gone('unplugged', error));
  serial.on('end', () => gone('unplugged', 'end of stream'));
  serial.on('data', (bytes: Uint8Array) => {
    if (live) request.onData(bytes);
  });

  /** What was accepted by the kernel counts as outstanding until it has left; one drain at a time. */
  const drain = () => {
    if (draining || undrained === 0 || !serial.isOpen) return;
    draining = true;
    const leaving = undrained;
    undrained = 0;
    serial.drain((error) => {
      draining = false;
      outstanding -= leaving;
      if (error) gone('ioError', error);
      else drain();
    });
  };

  const port: Port = {
    write(bytes) {
      if (!live || !serial.isOpen || outstanding + bytes.length > OUTSTANDING_LIMIT) return false;
      outstanding += bytes.length;
      serial.write(Buffer.from(bytes), (error) => {
        if (error) {
          gone('ioError', error);
          return;
        }
        undrained += bytes.length;
        drain();
      });
      return true;
    },
    async close() {
      live = false;
      stopWatching();
      await closeQuietly(clock, serial);
    },
  };

  return {
    opened() {
      live = true;
      stopWatching = watchNode(clock, path, (detail) => gone('unplugged', detail));
      return { ok: true, port };
    },
    forget() {
      live = false;
    },
  };
}

/**
 * Looks whether `path` still leads to the same device: a hung-up line may read as empty for ever, without a word.
 * @returns a function that stops looking.
 */
function watchNode(clock: Clock, path: string, onLost: (detail: string) => void): () => void {
  let first: string | undefined;
  let stopped = false;
  let cancel = () => {};
  const look = () => {
    void nodeIdentity(path).then((found) => {
      if (stopped) return;
      if ('missing' in found) return onLost(`the device node is gone (${found.missing})`);
      first ??= found.identity;
      if (found.identity !== first) return onLost('the path leads to another device');
      cancel = clock.after(NODE_POLL_MS, look);
    });
  };
  look();
  return () => {
    stopped = true;
    cancel();
  };
}

/** The device, and the link that leads to it: after a quick replug the device may have its old number again. */
async function nodeIdentity(path: string): Promise<{ identity: string } | { missing: string }> {
  try {
    const [node, link] = await Promise.all([stat(path), lstat(path, { bigint: true })]);
    return { identity: `${node.dev}:${node.ino}:${node.rdev} ${link.dev}:${link.ino}:${link.birthtimeNs}` };
  } catch (error) {
    return { missing: errorText(error) };
  }
}

/** Closes if there is something to close and waits for it a bounded time. */
function closeQuietly(clock: Clock, serial: SerialPort): Promise<void> {
  if (!serial.isOpen) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(CLOSE_LIMIT_MS, resolve);
    serial.close(() => {
      cancel();
      resolve();
    });
  });
}

async function refusal(path: string, error: unknown): Promise<OpenResult> {
  const detail = errorText(error);
  const code = faultCode(detail);
  const holders = code === 'busy' ? await portHolders(path) : [];
  return { ok: false, fault: { code, path, detail: holders.join(', ') || detail } };
}

/** The driver gives texts only; these are the ones of serialport 13 on Linux, Windows and macOS. */
function faultCode(detail: string): PortFault['code'] {
  if (/cannot lock|busy|temporarily unavailable|access is denied/i.test(detail)) return 'busy';
  if (/permission denied|not permitted/i.test(detail)) return 'denied';
  if (/no such (file|device)|file not found|no such device/i.test(detail)) return 'absent';
  return 'ioError';
}
