import { rename, symlink } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shippedModel } from '../../../test/support/device-model.ts';
import { createFakeClock, type FakeClock } from '../../../test/support/fake-clock.ts';
import { createTestPty, type TestPty } from '../../../test/support/pty.ts';
import { createButtonBox } from '../../../tools/button-box/box.ts';
import { startRating } from '../decode/ff68.ts';
import type { Port, PortFault } from './port.ts';
import { createSerialPorts } from './serial.ts';

const transport = { kind: 'serial', baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;

const model = await shippedModel('ff68');

describe('a serial port', () => {
  let clock: FakeClock;
  let pty: TestPty;
  let gone: PortFault[];
  let heard: number[];

  const open = (path: string) =>
    createSerialPorts({ clock })({
      where: { by: 'path', path },
      transport,
      onData: (bytes) => heard.push(...bytes),
      onGone: (fault) => gone.push(fault),
    });
  const opened = async (path: string): Promise<Port> => {
    const result = await open(path);
    if (!result.ok) throw new Error(result.fault.detail);
    return result.port;
  };
  const until = (what: () => void) => vi.waitFor(what, { timeout: 5_000, interval: 2 });

  beforeEach(async () => {
    clock = createFakeClock();
    gone = [];
    heard = [];
    pty = await createTestPty();
  });
  afterEach(() => pty.dispose());

  it('that is not there is absent', async () => {
    expect(await open('/dev/no-such-port')).toMatchObject({ ok: false, fault: { code: 'absent' } });
  });

  it('that is open already is busy, and its holder is named', async () => {
    const port = await opened(pty.hostPath);
    expect(await open(pty.hostPath)).toMatchObject({
      ok: false,
      fault: { code: 'busy', detail: expect.stringContaining(`(${process.pid})`) },
    });
    await port.close();
  });

  it('that is no serial port is an error and no crash', async () => {
    expect(await open('/dev/null')).toMatchObject({ ok: false, fault: { code: 'ioError' } });
  });

  it('drops what exceeds the limit instead of queueing it', async () => {
    const box = await createButtonBox({ path: pty.boxPath, model, onHeard: () => {} });
    const port = await opened(pty.hostPath);
    const taken = Array.from({ length: 200 }, () => port.write(startRating(0x81))).filter(Boolean).length;
    expect(taken).toBe(25);
    await until(() => expect(box.received()).toHaveLength(taken));
    await until(() => expect(port.write(startRating(0x81))).toBe(true));
    await until(() => expect(box.received()).toHaveLength(taken + 1));
    await port.close();
    await box.close();
  });

  it('says once that it went, even with a write under way, and takes nothing afterwards', async () => {
    const port = await opened(pty.hostPath);
    port.write(startRating(0x81));
    await pty.pull();
    port.write(startRating(0x81));
    await until(() => {
      clock.advance(500);
      expect(gone).toHaveLength(1);
    });
    expect(port.write(startRating(0x81))).toBe(false);
    await port.close();
    clock.advance(10_000);
    expect(gone).toHaveLength(1);
  });

  it('whose path leads to another device is gone, though its line says nothing', async () => {
    const port = await opened(pty.hostPath);
    await until(() => {
      expect(clock.pending).toBe(1);
    });
    await symlink('/dev/null', `${pty.hostPath}.new`);
    await rename(`${pty.hostPath}.new`, pty.hostPath);
    await until(() => {
      clock.advance(500);
      expect(gone).toMatchObject([{ code: 'unplugged', detail: 'the path leads to another device' }]);
    });
    await port.close();
  });

  it('is silent and waits for nothing after close', async () => {
    const box = await createButtonBox({ path: pty.boxPath, model, onHeard: () => {} });
    const port = await opened(pty.hostPath);
    await box.press('1');
    await until(() => expect(heard).toHaveLength(10));
    await port.close();
    await box.press('2');
    await pty.pull();
    expect(heard).toHaveLength(10);
    expect(gone).toEqual([]);
    expect(clock.pending).toBe(0);
    await box.close();
  });
});
