import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signatureOf } from './proof.ts';

describe('the signature of a request', () => {
  it('is the one of the vector in the docs', () => {
    const signature = signatureOf('k', {
      method: 'POST',
      target: '/queue',
      time: '1778031015000',
      body: Buffer.from('{"type":"operation","operation":"pause"}'),
    });
    const page = readFileSync(new URL('../../../docs/queue-links/http.md', import.meta.url), 'utf8');
    expect(page).toContain(`\`${signature}\``);
  });
});
