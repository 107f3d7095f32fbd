import { CAMERA_WITH_NOTHING, pictures } from './support/fake-camera.ts';
import { expect, type KioskApp, test } from './support/kiosk-app.ts';

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
    bridge: ['choose', 'confirm', 'corner', 'decline', 'finish', 'help', 'onSnapshot', 'speak', 'tick'],
  });
});

test('there is no way out of the page', async ({ hall }) => {
  // A camera is there, so that what refuses pictures is the lock and not the machine.
  const { app, page } = await hall.startKiosk({ args: CAMERA_WITH_NOTHING });
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
  expect(await pictures(page)).toBe('NotAllowedError');

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

test('the page opens no dialog of the system', async ({ hall }) => {
  const { app, page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  // As a tap would be: what opens files asks for one.
  const picker = await app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const kept: string[] = [];
    Reflect.set(globalThis, 'kept', kept);
    contents?.debugger.on('message', (_event, method) => kept.push(method));
    const input =
      "{ const input = document.createElement('input'); input.type = 'file'; input.click(); print(); document.execCommand('print'); }";
    await contents?.executeJavaScript(input, true);
    const picked =
      "Promise.race([showOpenFilePicker().catch(String), new Promise((later) => setTimeout(later, 5_000, 'a dialog'))])";
    return await contents?.executeJavaScript(picked, true);
  });
  expect(picker).toContain('AbortError');
  const kept = () => app.evaluate(() => Reflect.get(globalThis, 'kept') as string[]);
  await expect
    .poll(async () => (await kept()).filter((method) => method === 'Page.fileChooserOpened'))
    .toHaveLength(2);
  await expect.poll(() => said.filter((text) => text.includes("'allow-modals'"))).toHaveLength(2);
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
});

test('keys that leave a kiosk do nothing', async ({ hall }) => {
  const kiosk = await hall.startKiosk();
  const { app, page } = kiosk;
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  const address = page.url();
  await page.evaluate(() => Reflect.set(globalThis, 'stillThis', true));

  expect(await heardOf(kiosk, LEAVING)).toEqual([]);
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  const after = () =>
    app.evaluate(({ BrowserWindow }) => {
      const [window, ...more] = BrowserWindow.getAllWindows();
      const contents = window?.webContents;
      return {
        windows: 1 + more.length,
        address: contents?.getURL(),
        zoom: contents?.getZoomFactor(),
        tools: contents?.isDevToolsOpened(),
      };
    });
  expect(await after()).toEqual({ windows: 1, address, zoom: 1, tools: false });
  expect(await page.evaluate(() => Reflect.get(globalThis, 'stillThis'))).toBe(true);

  // Without the shell's ear each of them comes to the page: it is the lock that they do not pass, not the way of typing.
  await app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.removeAllListeners('before-input-event');
  });
  const unlocked = new Set(await heardOf(kiosk, LEAVING));
  expect(unlocked.size).toBe(LEAVING.length);
});

test('a keyboard that somebody plugs into a locked kiosk types into nothing', async ({ hall }) => {
  // With a size it is the bench's window, which proves that the keys are heard at all; without one, a hall's.
  const bench = await hall.startKiosk();
  expect(await heardOf(bench)).toContain('a');
  await hall.killKiosk();
  const locked = await hall.startKiosk({ window: 'the whole screen' });
  expect(await heardOf(locked)).toEqual([]);
});

test('a second start on the same folder ends by itself and disturbs nothing', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  await expect(hall.startKiosk()).rejects.toThrow();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
});

interface Typed {
  readonly keyCode: string;
  readonly modifiers?: readonly ('alt' | 'control' | 'meta' | 'shift')[];
}

/** Each gives the page another key, so that it can be told which have come. */
const LEAVING: readonly Typed[] = [
  { keyCode: 'W', modifiers: ['control'] },
  { keyCode: 'Q', modifiers: ['control'] },
  { keyCode: 'R', modifiers: ['control'] },
  { keyCode: 'P', modifiers: ['control'] },
  { keyCode: 'I', modifiers: ['control', 'shift'] },
  { keyCode: '-', modifiers: ['control'] },
  { keyCode: '0', modifiers: ['control'] },
  { keyCode: 'Left', modifiers: ['alt'] },
  { keyCode: 'F4', modifiers: ['alt'] },
  { keyCode: 'L', modifiers: ['meta'] },
  { keyCode: 'F1' },
  { keyCode: 'F5' },
  { keyCode: 'F11' },
  { keyCode: 'F12' },
];
const PLAIN: readonly Typed[] = ['a', '1', '5', 'Tab', 'Enter', 'Space', 'Escape', 'Down'].map((keyCode) => ({
  keyCode,
}));

/** Types as a keyboard does; what a debugger types would not pass the shell. @returns what the page has heard. */
async function heardOf({ app, page }: KioskApp, typed = PLAIN): Promise<readonly string[]> {
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  await page.evaluate(() => {
    const heard: string[] = [];
    Reflect.set(globalThis, 'heard', heard);
    for (const type of ['keydown', 'keyup', 'keypress'] as const)
      addEventListener(type, (event) => heard.push(event.key), true);
    addEventListener('mouseup', () => heard.push('mouse'), true);
  });
  await app.evaluate(({ BrowserWindow }, keys) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    contents?.focus();
    for (const { keyCode, modifiers = [] } of keys)
      for (const type of ['keyDown', 'char', 'keyUp'] as const)
        contents?.sendInputEvent({ type, keyCode, modifiers: [...modifiers] });
    for (const type of ['mouseDown', 'mouseUp'] as const)
      contents?.sendInputEvent({ type, x: 5, y: 5, button: 'left', clickCount: 1 });
  }, typed);
  // The touch came last and is heard, so that every key before it has been heard or dropped.
  const heard = () => page.evaluate(() => Reflect.get(globalThis, 'heard') as string[]);
  await expect.poll(heard).toContain('mouse');
  return (await heard()).filter((key) => key !== 'mouse');
}

async function readStatus(pid: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return await readFile(`/proc/${pid}/status`, 'utf8');
}
