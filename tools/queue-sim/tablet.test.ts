import { expect, it } from 'vitest';
import { linkEventOf, screenWords } from './tablet.ts';

it('reads of the link in the log of the kiosk, and nothing else', () => {
  expect(linkEventOf('{"severity":"info","event":"queue.ready","data":{}}\n')).toBe('queue.ready');
  expect(linkEventOf('{"severity":"warn","event":"queue.lost","data":{"fault":"silent"}}')).toBe(
    'queue.lost',
  );
  expect(linkEventOf('{"severity":"info","event":"queue.newSession","data":{}}')).toBeUndefined();
});

it('says that the kiosk starts, and names a fault', () => {
  expect(screenWords({ name: 'outOfService', fault: 'starting' })).toBe('正在启动');
  expect(screenWords({ name: 'outOfService', fault: 'diskFull' })).toBe('停止服务（diskFull）');
});
