import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Counts what this process sends on every TCP connection it opens from now on: bodies and headers. */
export function countSent(): () => number {
  const sockets: Socket[] = [];
  subscribe('net.client.socket', (message) => {
    sockets.push((message as { readonly socket: Socket }).socket);
  });
  return () => sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
}
