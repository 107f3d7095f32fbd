import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../test/support/fake-clock.ts';
import { createHidPorts } from './hid.ts';
import type { HidDevice, HidHandle, HidLibrary } from './hid-library.ts';
import { createHidOpening, type OpenHid } from './hid-opening.ts';
import type { OpenResult, Port, PortFault } from './port.ts';

const transport = { kind: 'hid', usagePage: 0xff00, reportBytes: 4 } as const;
const where = { by: 'usb', ids: [{ vendorId: '1209', productId: '0001' }], serial: 'PAD1' } as const;
const PAD: HidDevice = {
  path: 'pad-1',
  vendorId: 0x1209,
  productId: 0x0001,
  serialNumber: 'PAD1',
  interface: 0,
  usagePage: 0xff00,
  usage: 1,
};

const LIMIT = { timeout: 8_000, interval: 1 } as const;

/** The library with its traps: strings as errors, one reader ever, a close that waits behind a stalled write. */
interface FakeHid extends HidLibrary {
  devices: HidDevice[];
  readonly opened: FakeHandle[];
}
interface FakeHandle extends HidHandle {
  readonly listeners: string[];
  readonly written: string[];
  stalled: boolean;
  closes: number;
  tell(event: 'error' | 'data', what: unknown): void;
  letGo(): void;
}

function fakeHid(): FakeHid {
  const opened: FakeHandle[] = [];
  const library: FakeHid = {
    devices: [PAD],
    opened,
    devicesAsync: async () => library.devices,
    HIDAsync: {
      async open() {
        const handle = fakeHandle();
        opened.push(handle);
        return handle;
      },
    },
  };
  return library;
}

function fakeHandle(): FakeHandle {
  const of = new Map<string, (what: unknown) => void>();
  let letGo = () => {};
  const stall = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const handle: FakeHandle = {
    listeners: [],
    written: [],
    stalled: false,
    closes: 0,
    on(event: string, listener: (what: never) => void) {
      handle.listeners.push(event);
      of.set(event, (what) => listener(what as never));
    },
    async write(report) {
      handle.written.push(report.toString('hex'));
      if (handle.stalled) await stall;
      return report.length;
    },
    async close() {
      handle.closes += 1;
      if (handle.closes > 1) throw new Error('device is already closed');
      if (handle.stalled) await stall;
    },
    tell: (event, what) => of.get(event)?.(what),
    letGo: () => letGo(),
  };
  return handle;
}

describe('a HID box', () => {
  let clock: FakeClock;
  let library: FakeHid;
  let heard: string[];
  let gone: PortFault[];
  let open: () => Promise<OpenResult>;

  const until = (what: () => void) => vi.waitFor(what, LIMIT);
  const opened = async (): Promise<{ readonly port: Port; readonly handle: FakeHandle }> => {
    const result = await open();
    const handle = library.opened.at(-1);
    if (!result.ok || !handle) throw new Error('not opened');
    return { port: result.port, handle };
  };

  beforeEach(() => {
    clock = createFakeClock();
    library = fakeHid();
    heard = [];
    gone = [];
    const openPort = createHidPorts({ clock, load: async () => library });
    open = () =>
      openPort({
        where,
        transport,
        onData: (report) => heard.push(Buffer.from(report).toString('hex')),
        onGone: (fault) => gone.push(fault),
      });
  });
  afterEach(() => {
    for (const handle of library.opened) handle.letGo();
  });

  it('has one listener for errors, then one for reports, in its life', async () => {
    const { handle, port } = await opened();
    expect(handle.listeners).toEqual(['error', 'data']);
    handle.tell('data', Uint8Array.of(1, 2));
    expect(heard).toEqual(['0102']);
    await port.close();
    expect(handle.listeners).toEqual(['error', 'data']);
  });

  it.each(['could not read (device disconnected)', new Error('could not read')])(
    'that errs with %o is gone once, closed once, and another handle next time',
    async (error) => {
      const { handle, port } = await opened();
      handle.tell('error', error);
      handle.tell('error', error);
      handle.tell('data', Uint8Array.of(1));
      expect(gone).toEqual([
        { code: 'unplugged', path: 'pad-1', detail: expect.stringContaining('could not') },
      ]);
      expect(heard).toEqual([]);
      expect(port.write(Uint8Array.of(0, 1))).toBe(false);
      await port.close();
      expect(handle.closes).toBe(1);
      const again = await opened();
      expect(again.handle).not.toBe(handle);
      await again.port.close();
    },
  );

  it('gets reports of exactly its length, and none that is longer', async () => {
    const { handle, port } = await opened();
    expect(port.write(Uint8Array.of(0, 0xa1))).toBe(true);
    expect(port.write(new Uint8Array(6))).toBe(false);
    expect(port.write(new Uint8Array(0))).toBe(false);
    expect(handle.written).toEqual(['00a1000000']);
    await port.close();
  });

  it('gets one report at a time, and of those that wait the newest', async () => {
    const { handle, port } = await opened();
    handle.stalled = true;
    for (let report = 1; report <= 9; report++) port.write(Uint8Array.of(0, report));
    expect(handle.written).toEqual(['0001000000']);
    handle.letGo();
    await until(() => expect(handle.written).toHaveLength(4));
    expect(handle.written.slice(1)).toEqual(['0007000000', '0008000000', '0009000000']);
    await port.close();
  });

  it('that does not take a report is named so after half a second, and opened again only once it has let go', async () => {
    const { handle, port } = await opened();
    handle.stalled = true;
    port.write(Uint8Array.of(0, 1));
    port.write(Uint8Array.of(0, 2));
    clock.advance(499);
    expect(gone).toEqual([]);
    clock.advance(1);
    expect(gone).toMatchObject([{ code: 'notResponding' }]);
    expect(await open()).toMatchObject({ ok: false, fault: { code: 'notResponding' } });
    handle.letGo();
    await until(() => expect(handle.closes).toBe(1));
    const again = await opened();
    expect(again.handle.written).toEqual([]);
    expect(handle.written).toEqual(['0001000000']);
    await again.port.close();
    await port.close();
  });

  it('is closed within a second whatever its firmware does', async () => {
    const { handle, port } = await opened();
    handle.stalled = true;
    port.write(Uint8Array.of(0, 1));
    let closed = false;
    const closing = port.close().then(() => {
      closed = true;
    });
    await until(() => expect(handle.closes).toBe(1));
    expect(closed).toBe(false);
    clock.advance(1_000);
    await closing;
    expect(gone).toEqual([]);
  });

  it('is opened once in a process: two readers would both press', async () => {
    const { port } = await opened();
    expect(await open()).toMatchObject({
      ok: false,
      fault: { code: 'busy', detail: expect.stringContaining(`(${process.pid})`) },
    });
    await port.close();
  });

  describe('that another program has', () => {
    const target = { node: 'pad-1', interfaces: ['pad-1'], reportBytes: 4 } as const;
    let held: string[];
    let looks: number;
    let openHid: OpenHid;
    const request = { onData: () => {}, onGone: (fault: PortFault) => void gone.push(fault) };

    beforeEach(() => {
      held = ['steam (4711)'];
      looks = 0;
      openHid = createHidOpening({
        clock,
        async holders() {
          looks += 1;
          return [...held, `yiping (${process.pid})`];
        },
      });
    });

    it('is given up where the kernel shares it, the program is named, and it is ours when that ends', async () => {
      const shared = { ...target, shared: true };
      expect(await openHid(library, shared, request)).toMatchObject({ ok: true });
      const busy = { code: 'busy', path: 'pad-1', detail: 'steam (4711)' };
      await until(() => expect(gone).toEqual([busy]));
      await until(() => expect(library.opened.map(({ closes }) => closes)).toEqual([1]));
      // Not opened again before it is free, or it would be shown as ready each time.
      await vi.waitFor(
        async () => expect(await openHid(library, shared, request)).toEqual({ ok: false, fault: busy }),
        LIMIT,
      );
      expect(library.opened).toHaveLength(1);
      held = [];
      const again = await openHid(library, shared, request);
      expect(again).toMatchObject({ ok: true });
      expect(gone).toHaveLength(1);
      if (again.ok) await again.port.close();
    });

    it('does not open where the kernel does not share it: only then it is looked who has it', async () => {
      const alone = { ...target, shared: false };
      const opening = await openHid(library, alone, request);
      expect(opening).toMatchObject({ ok: true });
      expect(looks).toBe(0);
      if (opening.ok) await opening.port.close();
      const refusing: HidLibrary = {
        ...library,
        HIDAsync: {
          async open() {
            throw new Error('could not claim interface');
          },
        },
      };
      await vi.waitFor(
        async () =>
          expect(await openHid(refusing, alone, request)).toMatchObject({
            ok: false,
            fault: { code: 'busy', detail: 'steam (4711)' },
          }),
        LIMIT,
      );
    });
  });

  it('is opened without waiting for whoever looks who else has it', async () => {
    const openHid = createHidOpening({ clock, holders: () => new Promise(() => {}) });
    const target = { node: 'pad-1', interfaces: ['pad-1'], reportBytes: 4, shared: true } as const;
    const result = await openHid(library, target, { onData: () => {}, onGone: () => {} });
    expect(result.ok).toBe(true);
    if (result.ok) await result.port.close();
  });

  it('is absent while it is not listed, has another usage or another serial number', async () => {
    for (const devices of [[], [{ ...PAD, usagePage: 1 }], [{ ...PAD, serialNumber: 'PAD2' }]]) {
      library.devices = devices;
      expect(await open()).toMatchObject({ ok: false, fault: { code: 'absent' } });
    }
  });

  it('that could be one of two is none; one that is listed once for each usage is one', async () => {
    library.devices = [PAD, { ...PAD, path: 'pad-2' }];
    expect(await open()).toMatchObject({ ok: false, fault: { code: 'ambiguous' } });
    library.devices = [PAD, { ...PAD, usage: 2 }];
    await (await opened()).port.close();
  });

  it('whose driver does not load is a fault that heals when it does', async () => {
    let missing = true;
    const openPort = createHidPorts({
      clock,
      load: async () => {
        if (missing) throw new Error('libusb-1.0.so.0: cannot open shared object file');
        return library;
      },
    });
    const request = { where, transport, onData: () => {}, onGone: () => {} };
    expect(await openPort(request)).toMatchObject({ ok: false, fault: { code: 'noDriver' } });
    missing = false;
    const result = await openPort(request);
    expect(result.ok).toBe(true);
    if (result.ok) await result.port.close();
  });
});
