import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

const CLI = join(import.meta.dirname, '../../tools/queue-sim/cli.ts');

/** A terminal sends Ctrl-C to everything that was started from it, the simulator's own servers included. */
it.each(['postgresql', 'mariadb', 'mqtt'])('Ctrl-C ends the simulator on %s in order', async (link) => {
  const sim = spawn(process.execPath, [CLI, '--link', link], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  sim.stderr.on('data', (text: Buffer) => {
    complained += text.toString();
  });
  const started = new Promise<void>((resolve) => {
    sim.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('操作页 http')) resolve();
    });
  });
  const ended = once(sim, 'exit');
  await Promise.race([started, ended]);
  expect(said).toContain('操作页 http');
  process.kill(-(sim.pid ?? 0), 'SIGINT');
  const [code] = await ended;
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
});

/** 192.0.2.1 is nobody's: an address of documentation (RFC 5737). */
it.each(['postgresql', 'mqtt'])(
  'an address that is not this machine’s ends it on %s, its own server too',
  async (link) => {
    const sim = spawn(process.execPath, [CLI, '--link', link, '--host', '192.0.2.1', '--no-page'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let complained = '';
    sim.stderr.on('data', (text: Buffer) => {
      complained += text.toString();
    });
    // Its own server holds these open as long as it runs.
    const [code] = await once(sim, 'close');
    expect(code).toBe(1);
    expect(complained).toContain('模拟器没有启动');
  },
);

it('promises no test call where its wire can name no ticket, and says why', async () => {
  const sim = spawn(process.execPath, [CLI, '--published', '--pair', '--no-page'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(sim, 'exit');
  try {
    let said = '';
    sim.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const offer = await vi.waitUntil(() => /配对：(http\S+?)（.*配对码 (\d{6})/.exec(said), {
      timeout: 30_000,
    });
    const asked = { v: 1, code: offer[2], hall: 'H1', counter: '3', deviceId: 'tablet-1' };
    const answer = await fetch(`${offer[1]}/yiping/v1/pair`, { method: 'POST', body: JSON.stringify(asked) });
    expect(await answer.json()).toMatchObject({ queue: { kind: 'rate-service' }, testCall: false });
    expect(said).toContain('公开的 RateService 不带号码');
  } finally {
    sim.kill('SIGINT');
    await ended;
  }
});
