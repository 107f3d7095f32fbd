import type { Socket } from 'node:net';

/**
 * Ends a connection by a reset, as a pulled cable or a killed program does. One that is saying goodbye is closed instead:
 * a reset in that moment is refused (EINVAL), and Node would neither close it ever nor end the process it is in.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
