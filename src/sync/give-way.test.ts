import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { until } from '../../test/support/until.ts';
import { ack, range, turn, uploadBench } from '../../test/support/upload-bench.ts';
import { createGiveWay, waitOf } from './give-way.ts';

const LONG_AGO = Number.POSITIVE_INFINITY;

describe('the next piece of a backlog', () => {
  it.each([
    ['goes at once when nobody is there', { asked: false, calmMs: LONG_AGO, sinceLastPieceMs: 0 }, 0],
    ['goes at once after a calm', { asked: false, calmMs: 300, sinceLastPieceMs: 0 }, 0],
    ['waits out what is left of a calm', { asked: false, calmMs: 250, sinceLastPieceMs: 0 }, 50],
    ['takes its turn just after a press', { asked: false, calmMs: 0, sinceLastPieceMs: 30 }, 170],
    ['takes its turn while somebody is asked', { asked: true, calmMs: 9_000, sinceLastPieceMs: 30 }, 170],
    ['is never starved', { asked: true, calmMs: 0, sinceLastPieceMs: 200 }, 0],
    ['goes at once if it is the first', { asked: true, calmMs: 0, sinceLastPieceMs: LONG_AGO }, 0],
  ])('%s', (_name, at, waitMs) => {
    expect(waitOf(at)).toBe(waitMs);
  });
});

describe('giving way', () => {
  it('runs pieces in turn while somebody is asked, all at once when not', () => {
    const clock = createFakeClock();
    const giveWay = createGiveWay(clock);
    const ran: number[] = [];
    const piece = () => void ran.push(clock.monoMs());
    for (let n = 0; n < 3; n++) giveWay.inTurn(piece);
    expect(ran).toEqual([0, 0, 0]);
    giveWay.changed(true);
    giveWay.inTurn(() => {
      piece();
      giveWay.inTurn(piece);
    });
    clock.advance(1_000);
    expect(ran.slice(3)).toEqual([200, 400]);
    giveWay.changed(false);
    giveWay.inTurn(piece);
    giveWay.inTurn(piece)();
    clock.advance(1_000);
    expect(ran.slice(5)).toEqual([1_000]);
    expect(clock.pending).toBe(0);
  });
});

describe('a backlog while somebody is being asked', () => {
  function asking() {
    const pieces: (() => void)[] = [];
    const bench = uploadBench(1, {
      giveWay: {
        inTurn(piece) {
          pieces.push(piece);
          return () => void pieces.splice(pieces.indexOf(piece), 1);
        },
      },
    });
    bench.store.append(1_500);
    bench.uploader.start();
    turn(bench.clock);
    const onePiece = async () => {
      await until(() => expect(pieces).toHaveLength(1));
      pieces.pop()?.();
    };
    return { ...bench, pieces, onePiece };
  }

  it('is read in pieces, and its next batch waits until it was let go whole', async () => {
    const { store, sending, onePiece, pieces, quiet, uploader } = asking();
    await (await sending()).answer(ack(500));
    expect(quiet).toBe(true);
    expect(store.readTo).toBe(500);
    await onePiece();
    expect(store.readTo).toBe(600);
    for (let n = 0; n < 4; n++) await onePiece();
    const second = await sending();
    expect(second.seqs).toEqual(range(501, 1000));
    await second.answer(ack(1000));
    expect(uploader.state()).toMatchObject({ state: 'sending', ackedSeq: 1000 });
    await uploader.stop();
    expect(pieces).toEqual([]);
  });

  it('says what is wrong when the journal cannot be read', async () => {
    const { store, sending, onePiece, uploader } = asking();
    await (await sending()).answer(ack(500));
    store.broken = true;
    await onePiece();
    expect(uploader.state()).toMatchObject({ state: 'waiting', ackedSeq: 500 });
    await uploader.stop();
  });
});
