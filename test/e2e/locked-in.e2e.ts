import { expect, test } from './support/kiosk-app.ts';

/** What the page cannot do, tried from inside the page, and what the processes are, read from outside. */
test('the page is sandboxed and has nothing of Node or Electron', async ({ hall }) => {
  const { app, page } = await hall.startKiosk();
  const processes = await app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().map(({ type, sandboxed }) => ({ type, sandboxed })),
  );
  // Chromium on Linux does not report `sandboxed` in its metrics; the command lines do.
  expect(processes.some(({ type }) => type === 'Tab')).toBe(true);
  const commandLine = await app.evaluate(() => process.argv.join(' '));
  expect(commandLine).not.toContain('--no-sandbox');
  expect(await app.evaluate(({ app: electron }) => electron.commandLine.hasSwitch('no-sandbox'))).toBe(false);
  expect(await app.evaluate(() => process.getuid?.())).not.toBe(0);

  const rendererPid = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  expect(rendererPid).toBeGreaterThan(0);
  const status = await readStatus(Number(rendererPid));
  // Seccomp 2 is Chromium's filter; a process of its own pid namespace has more than one NSpid.
  expect(status).toMatch(/^Seccomp:\s+2$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  expect(/^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length).toBeGreaterThan(1);

  expect(
    await page.evaluate(() => ({
      require: typeof Reflect.get(globalThis, 'require'),
      process: typeof Reflect.get(globalThis, 'process'),
      bridge: Object.keys(Reflect.get(globalThis, 'yiping')).sort(),
    })),
  ).toEqual({
    require: 'undefined',
    process: 'undefined',
    bridge: ['choose', 'confirm', 'decline', 'finish', 'help', 'onSnapshot', 'speak', 'tick'],
  });
});

test('there is no way out of the page', async ({ hall }) => {
  const { app, page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  const address = page.url();

  expect(await page.evaluate(() => window.open('https://example.invalid/') === null)).toBe(true);
  await page.evaluate(() => {
    location.href = 'https://example.invalid/';
  });
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'file:///etc/passwd';
    document.body.append(link);
    link.click();
    link.remove();
  });
  // Playwright waits for a navigation that never comes, so the window itself is asked.
  const shown = () =>
    app.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      return {
        address: contents?.getURL(),
        text: await contents?.executeJavaScript('document.body.textContent'),
      };
    });
  expect(await shown()).toMatchObject({ address, text: expect.stringContaining('办理完成后，请您评价') });
  expect(app.windows()).toHaveLength(1);

  const refused = await page.evaluate(async () => ({
    camera: await navigator.mediaDevices?.getUserMedia({ video: true }).then(
      () => 'given',
      () => 'refused',
    ),
    notifications: await Notification.requestPermission(),
    network: await fetch('http://127.0.0.1:9/').then(
      () => 'reached',
      () => 'refused',
    ),
    otherFile: await fetch('yiping://app/../main/main.js').then(
      () => 'reached',
      () => 'refused',
    ),
  }));
  expect(refused).toMatchObject({ notifications: 'denied', network: 'refused', otherFile: 'refused' });
  expect(refused.camera ?? 'refused').toBe('refused');

  // Inline script is nothing: the policy begins at 'none'.
  await page.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'window.broken = true';
      document.body.append(script);
    } catch {
      // Trusted Types refuse even to build it.
    }
  });
  expect(await page.evaluate(() => Reflect.get(globalThis, 'broken'))).toBeUndefined();
});

test('keys that leave a kiosk do nothing', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  for (const key of [
    'Control+W',
    'Alt+F4',
    'F5',
    'F11',
    'F12',
    'Control+Shift+I',
    'Control+R',
    'Control+Minus',
  ])
    await page.keyboard.press(key);
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  expect(await page.evaluate(() => window.devicePixelRatio)).toBe(1);
});

test('a second start on the same folder ends by itself and disturbs nothing', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  await expect(hall.startKiosk()).rejects.toThrow();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
});

async function readStatus(pid: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return await readFile(`/proc/${pid}/status`, 'utf8');
}
