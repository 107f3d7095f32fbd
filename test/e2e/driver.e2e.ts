import { COUNTER, expect, type KioskApp, test } from './support/kiosk-app.ts';
import { kioskProcess, kioskProcesses } from './support/kiosk-process.ts';

/** The box's driver dies and hangs in its own process: the kiosk and its page do not. */
const question = '请您对本次服务作出评价';
const driverPid = (kiosk: KioskApp) => kioskProcess(kiosk, 'yiping-driver');

for (const { what, signal } of [
  { what: 'crashes in native code', signal: 'SIGSEGV' },
  { what: 'aborts', signal: 'SIGABRT' },
  { what: 'hangs', signal: 'SIGSTOP' },
] as const) {
  test(`the driver ${what} in the middle of an invitation: it is replaced, and a key counts`, async ({
    hall,
  }) => {
    const kiosk = await hall.startKiosk();
    hall.sim.callNext(COUNTER);
    hall.sim.served(COUNTER);
    await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText(question);
    await expect.poll(() => hall.box.light).toBe('rating');
    const core = await kioskProcess(kiosk, 'yiping-core');
    const first = await driverPid(kiosk);
    const told = hall.box.received().length;
    process.kill(first, signal);
    // A new one is there and has lit the box again: what it says goes to a line that it has opened anew.
    await expect.poll(() => hall.box.received().length, { timeout: 10_000 }).toBeGreaterThan(told);
    expect(await driverPid(kiosk)).not.toBe(first);
    await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText(question);
    await expect(async () => {
      await hall.box.press('2');
      expect(await hall.province.levels()).toEqual([4]);
    }).toPass();
    expect(await kioskProcess(kiosk, 'yiping-core')).toBe(core);
  });
}

test('the core dies: its driver goes with it, and the new core has its own', async ({ hall }) => {
  const kiosk = await hall.startKiosk();
  await expect.poll(() => kioskProcesses(kiosk, 'yiping-driver')).toHaveLength(1);
  const first = await driverPid(kiosk);
  process.kill(await kioskProcess(kiosk, 'yiping-core'), 'SIGKILL');
  await expect
    .poll(async () => (await kioskProcesses(kiosk, 'yiping-driver')).filter((pid) => pid !== first))
    .toHaveLength(1);
  await expect.poll(() => isThere(first)).toBe(false);
});

test('a driver that hangs does not hold up the end', async ({ hall }) => {
  const kiosk = await hall.startKiosk();
  await expect.poll(() => kioskProcesses(kiosk, 'yiping-driver')).toHaveLength(1);
  const hung = await driverPid(kiosk);
  process.kill(hung, 'SIGSTOP');
  await kiosk.app.close();
  await expect.poll(() => isThere(hung)).toBe(false);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
