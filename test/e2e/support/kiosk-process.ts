import type { KioskApp } from './kiosk-app.ts';

/** Processes of the kiosk that are no part of Chromium's own, as the shell names them. */
export async function kioskProcesses(
  kiosk: KioskApp,
  name: 'yiping-core' | 'yiping-driver',
): Promise<readonly number[]> {
  const metrics = await kiosk.app.evaluate(({ app }) =>
    app.getAppMetrics().map(({ pid, name: called }) => ({ pid, called })),
  );
  return metrics.filter(({ called }) => called === name).map(({ pid }) => pid);
}

export async function kioskProcess(kiosk: KioskApp, name: 'yiping-core' | 'yiping-driver'): Promise<number> {
  const [pid] = await kioskProcesses(kiosk, name);
  if (pid === undefined) throw new Error(`there is no process ${name}`);
  return pid;
}
