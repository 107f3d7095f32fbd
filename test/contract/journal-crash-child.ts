/** Rates without end and says each seq once it is confirmed. Run by journal-crash.test.ts, which kills it. */
import { writeSync } from 'node:fs';
import { v7 } from 'uuid';
import { systemClock } from '../../src/shared/clock.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { drafts, mustOpen, newService, storeParts } from '../support/store-parts.ts';

const folder = process.argv[2] ?? '';
const key = Buffer.from(process.argv[3] ?? '', 'base64').toString();
const store = mustOpen(storeParts(folder, { signer: ed25519Signer(key), clock: systemClock, boot: v7() }));
const acts = (name: string) => {
  const service = newService(name);
  return [
    [drafts.opened(service)],
    [drafts.chosen(service, 4)],
    [drafts.chosen(service, 2, 1)],
    [drafts.settled(service, 2), drafts.detailed(service, ['207']), drafts.closed(service)],
  ];
};
for (let i = 0; ; i++) {
  for (const act of acts(`${process.pid}-${i}`)) {
    const result = store.append(act);
    if (!result.ok) throw new Error(result.message);
    // A write the kernel has taken survives the kill; only what was confirmed is said.
    writeSync(1, `${result.entries.at(-1)?.seq}\n`);
  }
}
