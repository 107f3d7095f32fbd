import { describe, expect, it } from 'vitest';
import { createResultBox } from './result-box.ts';

const result = (at: number) => ({ rated: true, at });

describe('results on their way to the queue side', () => {
  it('are sent once a connection and kept until answered', () => {
    const box = createResultBox();
    box.put(result(1));
    box.put(result(2));
    expect(box.unsent()).toEqual([result(1), result(2)]);
    expect(box.unsent()).toEqual([]);
    box.answered();
    box.unsend();
    expect(box.unsent()).toEqual([result(2)]);
  });

  it('an answer to nothing takes nothing away', () => {
    const box = createResultBox();
    box.put(result(1));
    box.answered();
    expect(box.unsent()).toEqual([result(1)]);
  });

  it('give up the oldest when the queue system stays away, and say so', () => {
    const box = createResultBox();
    const kept = Array.from({ length: 501 }, (_, index) => box.put(result(index)));
    expect(kept.filter((one) => !one)).toHaveLength(1);
    expect(box.unsent()[0]).toEqual(result(1));
  });
});
