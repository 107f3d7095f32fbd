import { randomInt } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { PAIRED_JSON } from '../../src/core/paired.ts';
import type { SimPairing } from '../../tools/queue-sim/pairing.ts';
import { CAMERA_WITH_NOTHING, pictures } from './support/fake-camera.ts';
import { COUNTER, expect, type Hall, test } from './support/kiosk-app.ts';
import { queueSide, SYSTEM } from './support/queue-desk.ts';
import { holdCorner, leaveBy, PIN, typePin, withPin } from './support/staff-screen.ts';

/** What a person does that the tablet takes in as one: a gesture, a number typed, a scan, a press. */
const MOST_INPUTS = 5;
const MOST_MS = 60_000;
const PICTURES = 'test-results/pairing';

/** Of multicast DNS on the machine's own network, where other tests may search too. */
const anyPort = () => randomInt(20_000, 30_000);

/** As a scanner does it: a line of signs and its end. */
async function scan(staff: Page, text: string): Promise<void> {
  await staff.keyboard.type(text);
  await staff.keyboard.press('Enter');
}

async function picture(staff: Page, name: string): Promise<void> {
  await staff.screenshot({ path: join(PICTURES, `${name}.png`) });
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** A queue system that offers itself, and a tablet that follows nothing yet. */
async function unpaired(hall: Hall) {
  const desk = await queueSide(hall);
  // A camera is there, so that what refuses pictures is the lock and not the machine.
  const kiosk = await withPin(hall, {}, { queue: [] }, { args: CAMERA_WITH_NOTHING });
  await expect(kiosk.page.getByText('办理完成后，请您评价')).toBeVisible();
  return { desk, kiosk };
}

test('a new tablet is paired by a scan: four inputs from the gesture to the first ticket', async ({
  hall,
}) => {
  const { desk, kiosk } = await unpaired(hall);

  const sinceMs = performance.now();
  let inputs = 1;
  const staff = await holdCorner(kiosk);
  inputs++;
  await typePin(staff, PIN);
  // A tablet that follows nothing yet opens on this page.
  await expect(staff.getByText('用扫码枪扫叫号系统显示的二维码')).toBeVisible();
  const beforeScanMs = performance.now();
  await picture(staff, 'begin-zh');
  const pictureMs = performance.now() - beforeScanMs;
  inputs++;
  await scan(staff, desk.current().text);
  await expect(staff.getByRole('row', { name: '试呼' })).toContainText('正常');
  inputs++;
  await staff.getByRole('button', { name: '采用' }).click();
  await expect(staff.getByText('已与“云溪市政务服务中心叫号系统”配对')).toBeVisible();
  await expect.poll(() => hall.sim.state(COUNTER).tablets).toBe(1);
  const ticket = hall.sim.callNext(COUNTER);
  await expect(staff.locator('.staff-now')).toContainText(`正在办理 ${ticket.number}`);
  const spentMs = performance.now() - sinceMs - pictureMs;
  process.stdout.write(`pairing: ${inputs} inputs, ${(spentMs / 1_000).toFixed(1)} s to the first ticket\n`);
  expect(inputs).toBeLessThanOrEqual(MOST_INPUTS);
  expect(spentMs).toBeLessThan(MOST_MS);
  await picture(staff, 'paired-zh');

  await leaveBy(staff, '退出');
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toContainText(ticket.number);
  hall.sim.served(COUNTER);
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText('请您对本次服务作出评价');
  // A test call is nowhere in the journal.
  await expect.poll(async () => JSON.stringify(await hall.province.entries())).toContain('invitation.opened');
  expect(JSON.stringify(await hall.province.entries())).not.toContain('YPTEST');
  const log = await readFile(join(hall.dataFolder, 'logs/kiosk.log'), 'utf8');
  expect(log).toContain('linkPaired');
  expect(log).not.toContain(desk.current().code);
  await desk.stop();
});

/** From the code on it is the same for whoever typed the address and whoever took it from the list. */
async function codeAndAccept(hall: Hall, staff: Page, desk: SimPairing): Promise<number> {
  const { code, fingerprint } = desk.current();
  await expect(staff.getByText(fingerprint)).toBeVisible();
  expect(desk.asked).toEqual([]);
  await press(staff, code);
  await expect(staff.getByRole('row', { name: '试呼' })).toContainText('正常');
  await staff.getByRole('button', { name: '采用' }).click();
  await expect(staff.getByText(`已与“${SYSTEM}”配对`)).toBeVisible();
  await expect.poll(() => hall.sim.state(COUNTER).tablets).toBe(1);
  const ticket = hall.sim.callNext(COUNTER);
  await expect(staff.locator('.staff-now')).toContainText(`正在办理 ${ticket.number}`);
  return 2;
}

function report(how: string, inputs: number, sinceMs: number): void {
  const spentMs = performance.now() - sinceMs;
  process.stdout.write(`${how}: ${inputs} inputs, ${(spentMs / 1_000).toFixed(1)} s to the first ticket\n`);
  expect(inputs).toBeLessThanOrEqual(MOST_INPUTS);
  expect(spentMs).toBeLessThan(MOST_MS);
}

test('typed over https: five inputs, and nothing is said before the fingerprint stood there', async ({
  hall,
}) => {
  const { desk, kiosk } = await unpaired(hall);
  const sinceMs = performance.now();
  let inputs = 3;
  const staff = await holdCorner(kiosk);
  await typePin(staff, PIN);
  // The keys of the PIN bear the same digits.
  await expect(staff.getByText('用扫码枪扫叫号系统显示的二维码')).toBeVisible();
  await expect(staff.getByText('摄像头')).toHaveCount(0);
  expect(await pictures(staff)).toBe('NotAllowedError');
  await press(staff, desk.current().address.replace('https://', ''));
  await staff.getByRole('button', { name: '下一步' }).click();
  inputs += await codeAndAccept(hall, staff, desk);
  report('typed', inputs, sinceMs);
  await desk.stop();
});

test('searched: the list fills by itself, one press takes the queue system; five inputs', async ({
  hall,
}) => {
  const port = anyPort();
  const desk = await queueSide(hall, { interface: '127.0.0.1', port });
  const kiosk = await withPin(
    hall,
    {},
    { queue: [], pairing: { search: true, searchFrom: '127.0.0.1', searchPort: port } },
  );
  await expect(kiosk.page.getByText('办理完成后，请您评价')).toBeVisible();
  const sinceMs = performance.now();
  let inputs = 3;
  const staff = await holdCorner(kiosk);
  await typePin(staff, PIN);
  await staff.getByRole('button', { name: SYSTEM }).click();
  inputs += await codeAndAccept(hall, staff, desk);
  report('searched', inputs, sinceMs);
  expect(await readFile(join(hall.dataFolder, 'logs/kiosk.log'), 'utf8')).toContain('pairingSearched');
  await desk.stop();
});

test('what goes wrong is named; paired beside the link in service; unpaired it follows kiosk.json again', async ({
  hall,
}) => {
  const desk = await queueSide(hall);
  const kiosk = await withPin(hall);
  const paired = join(hall.dataFolder, PAIRED_JSON);
  await expect(kiosk.page.getByText('办理完成后，请您评价')).toBeVisible();
  const staff = await holdCorner(kiosk);
  await typePin(staff, PIN);
  await staff.getByRole('button', { name: '叫号配对' }).click();
  await expect(staff.getByText('现在按 kiosk.json 连接：rate-service')).toBeVisible();
  const { address, code, fingerprint } = desk.current();
  await press(staff, address.replace('https://', ''));
  await picture(staff, 'typed-zh');
  await staff.getByRole('button', { name: '下一步' }).click();
  await expect(staff.getByText('先核对证书指纹，再输入配对码')).toBeVisible();
  await expect(staff.getByText(fingerprint)).toBeVisible();
  await picture(staff, 'code-zh');
  await press(staff, code === '111111' ? '222222' : '111111');
  await expect(staff.getByText('配对码不对')).toBeVisible();
  await picture(staff, 'wrong-code-zh');

  await staff.getByRole('button', { name: 'English' }).click();
  await expect(staff.getByText('Wrong pairing code')).toBeVisible();
  await scan(staff, desk.offer().text);
  await expect(staff.getByRole('row', { name: 'Test call' })).toContainText('good');
  await picture(staff, 'trial-en');
  // Beside the link in service, which goes on.
  expect(hall.sim.state(COUNTER).tablets).toBe(2);
  expect(await exists(paired)).toBe(false);
  await staff.getByRole('button', { name: 'Accept' }).click();
  await expect(staff.getByText('Paired with')).toBeVisible();
  await picture(staff, 'paired-en');
  expect(await exists(paired)).toBe(true);
  await expect.poll(() => hall.sim.state(COUNTER).tablets).toBe(1);

  await staff.getByRole('button', { name: 'Unpair' }).click();
  await staff.getByRole('button', { name: 'Yes, unpair' }).click();
  await expect(staff.getByText('Connected as kiosk.json says: rate-service')).toBeVisible();
  await picture(staff, 'unpaired-en');
  expect(await exists(paired)).toBe(false);
  await expect.poll(() => hall.sim.state(COUNTER).tablets).toBe(1);
  await desk.stop();
});

async function press(staff: Page, signs: string): Promise<void> {
  for (const sign of signs) await staff.getByRole('button', { name: sign, exact: true }).click();
}
