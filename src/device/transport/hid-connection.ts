import type { Clock } from '../../shared/clock.ts';
import { errorText } from './error-text.ts';
import type { HidHandle } from './hid-library.ts';
import type { OpenRequest, Port, PortFault } from './port.ts';

/** The kernel waits five seconds for firmware that does not read; a citizen does not. */
const WRITE_LIMIT_MS = 500;
/** Reports that wait for the one under way; the newest stay. At 500 ms a report none of them is ever stale. */
const WAITING_LIMIT = 3;
/** A dead handle's close waits behind its stalled write; whoever quits has a second in all. */
const CLOSE_LIMIT_MS = 800;

/** One connection of a HID device, and the moment from which its device can be opened anew. */
export interface HidConnection {
  readonly port: Port;
  /** Settles when the native side has let go of the device. */
  readonly released: Promise<void>;
  /** Gives it up for a reason that does not come from the device. */
  end(code: PortFault['code'], detail: string): void;
}

/**
 * @param parts.handles freshly opened: the one that is read and written, and those that are only held so that
 * nobody else gets their reports.
 * @param parts.reportBytes what the descriptor says, without the report id: nobody below checks the length.
 */
export function createHidConnection(parts: {
  readonly clock: Clock;
  readonly handles: readonly [HidHandle, ...HidHandle[]];
  readonly path: string;
  readonly request: Pick<OpenRequest, 'onData' | 'onGone'>;
  readonly reportBytes: number;
}): HidConnection {
  const { clock, handles, path, request, reportBytes } = parts;
  const [main] = handles;
  const waiting: Buffer[] = [];
  let live = true;
  let writing = false;
  let cancelLimit = () => {};
  let release = () => {};
  let releasing = false;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  /** Once: a second close of a handle is an error, and one before its reader has started ends the process. */
  const letGo = () => {
    if (releasing) return;
    releasing = true;
    live = false;
    waiting.length = 0;
    cancelLimit();
    setImmediate(() => {
      void Promise.allSettled(handles.map((handle) => handle.close())).then(() => release());
    });
  };

  const gone = (code: PortFault['code'], cause: unknown) => {
    if (!live) return;
    letGo();
    request.onGone({ code, path, detail: errorText(cause) });
  };

  // One listener each for the life of the handle, `error` first: a late one would end the process.
  for (const handle of handles) {
    handle.on('error', (error) => gone('unplugged', error));
    handle.on('data', (report) => {
      if (!live || handle !== main) return;
      try {
        request.onData(report);
      } catch (error) {
        // Thrown here it would come back as an `error` and look like a pulled cable; a fault of ours is to be seen.
        setImmediate(() => {
          throw error;
        });
      }
    });
  }

  const pump = () => {
    const report = writing ? undefined : waiting.shift();
    if (!report) return;
    writing = true;
    cancelLimit = clock.after(WRITE_LIMIT_MS, () =>
      gone('notResponding', `a report was not taken within ${WRITE_LIMIT_MS} ms`),
    );
    main.write(report).then(
      () => {
        writing = false;
        cancelLimit();
        pump();
      },
      (error: unknown) => gone(writeFault(errorText(error)), error),
    );
  };

  return {
    released,
    end: gone,
    port: {
      write(bytes) {
        if (!live || bytes.length === 0 || bytes.length > 1 + reportBytes) return false;
        const report = Buffer.alloc(1 + reportBytes);
        report.set(bytes);
        if (waiting.length === WAITING_LIMIT) waiting.shift();
        waiting.push(report);
        pump();
        return true;
      },
      async close() {
        letGo();
        let cancel = () => {};
        const limit = new Promise<void>((resolve) => {
          cancel = clock.after(CLOSE_LIMIT_MS, resolve);
        });
        await Promise.race([released, limit]);
        cancel();
      },
    },
  };
}

/** hidraw's texts say why; libusb's are always the same and say nothing. */
function writeFault(detail: string): PortFault['code'] {
  if (/no such device|disconnected/i.test(detail)) return 'unplugged';
  return /timed? ?out/i.test(detail) ? 'notResponding' : 'ioError';
}
