import type { ServerResponse } from 'node:http';
import type { Hall } from './hall.ts';

/**
 * Server-sent events to bench pages:
 *
 *     event: begin   data: { state: HallState, lines: BookLine[] }    at every (re)connection
 *     event: change  data: { state: HallState, lines: BookLine[] }    lines: only new and changed ones
 */
export interface Broadcast {
  attach(page: ServerResponse): void;
  stop(): void;
}

/** Changes are gathered so long: an eye cannot tell, and a burst is one message. */
const GATHER_MS = 40;
const HEARTBEAT_MS = 5_000;
const MAX_UNREAD_BYTES = 1_000_000;

export function createBroadcast(hall: Hall): Broadcast {
  const pages = new Set<ServerResponse>();
  let gathering: NodeJS.Timeout | undefined;

  const send = (page: ServerResponse, event: string, data: object) => {
    if (page.writableLength > MAX_UNREAD_BYTES) page.destroy();
    else page.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const flush = () => {
    gathering = undefined;
    const change = { state: hall.state(), lines: hall.takeChangedLines() };
    for (const page of pages) send(page, 'change', change);
  };
  const forget = hall.onChange(() => {
    gathering ??= setTimeout(flush, GATHER_MS);
  });
  // Also keeps a page's idea of our clock right.
  const heartbeat = setInterval(() => {
    gathering ??= setTimeout(flush, GATHER_MS);
  }, HEARTBEAT_MS);

  return {
    attach(page) {
      page.write('retry: 1000\n\n');
      send(page, 'begin', { state: hall.state(), lines: hall.lines() });
      pages.add(page);
      page.on('close', () => pages.delete(page));
    },
    stop() {
      forget();
      clearInterval(heartbeat);
      clearTimeout(gathering);
      for (const page of pages) page.end();
    },
  };
}
