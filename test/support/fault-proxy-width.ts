/** One way of a line that carries so many bytes a second, whoever's they are: first come, first carried. */
export type Way = (bytes: Buffer, put: (piece: Buffer) => void, isGone: () => boolean) => void;

const PIECE_MS = 10;
/** A timer that comes late makes the line no thinner, as far as this. */
const CATCH_UP_MS = 50;

export function createWay(bytesPerSecond: number): Way {
  const size = Math.max(1, Math.round((bytesPerSecond * PIECE_MS) / 1000));
  let freeAtMs = 0;
  let turn = Promise.resolve();

  async function carry(piece: Buffer, put: (piece: Buffer) => void, isGone: () => boolean): Promise<void> {
    if (isGone()) return;
    freeAtMs = Math.max(performance.now() - CATCH_UP_MS, freeAtMs) + (piece.length / bytesPerSecond) * 1000;
    const waitMs = freeAtMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (!isGone()) put(piece);
  }

  return (bytes, put, isGone) => {
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      turn = turn.then(() => carry(piece, put, isGone));
    }
  };
}
