import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { app, utilityProcess } from 'electron';

/** Without a window, beside a running kiosk, and with nothing left behind. Ends as the verifier ends. */
export function runVerify(script: string, words: readonly string[]): void {
  const scratch = mkdtempSync(join(tmpdir(), 'yiping-verify-'));
  app.setPath('userData', scratch);
  app.disableHardwareAcceleration();
  const end = (code: number) => {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    app.exit(code);
  };
  app.whenReady().then(
    () => {
      const options = { serviceName: 'yiping-verify', stdio: 'inherit', cwd: process.cwd() } as const;
      utilityProcess.fork(script, [...words], options).once('exit', end);
    },
    () => end(2),
  );
}
