import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, utilityProcess } from 'electron';
import { askForPin } from '../shared/screen/pin-prompt.ts';

/** `yiping staff-pin`: without a window, beside a running kiosk, and with nothing left behind but the PIN's file. */
export function runStaffPin(script: string, dataFolder: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'yiping-staff-pin-'));
  app.setPath('userData', scratch);
  app.disableHardwareAcceleration();
  const end = (code: number) => {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    app.exit(code);
  };
  app.whenReady().then(
    async () => {
      const pin = await askForPin(process.stdin, (text) => process.stderr.write(text));
      const child = utilityProcess.fork(script, [], { serviceName: 'yiping-staff-pin', stdio: 'inherit' });
      child.once('exit', end);
      child.postMessage({ dataFolder, pin });
    },
    () => end(2),
  );
}
