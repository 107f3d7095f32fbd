/** Figures as they are reported: a median, a p99, how many. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly median: number;
  readonly p99: number;
  readonly n: number;
  /** What it is held against in the same run, and the ratio of the medians. */
  readonly against?: {
    readonly what: string;
    readonly median: number;
    readonly ratio: number;
    readonly goal?: string;
  };
}

export function figure(
  what: string,
  unit: string,
  samples: readonly number[],
  against?: { readonly what: string; readonly samples: readonly number[]; readonly goal?: string },
): Figure {
  const median = quantile(samples, 0.5);
  const base = { what, unit, median, p99: quantile(samples, 0.99), n: samples.length };
  if (!against) return base;
  const floor = quantile(against.samples, 0.5);
  return {
    ...base,
    against: {
      what: against.what,
      median: floor,
      ratio: median / floor,
      ...(against.goal ? { goal: against.goal } : {}),
    },
  };
}

/** Nearest rank; with few samples the p99 is the slowest. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function table(figures: readonly Figure[]): string {
  const shown = (value: number) =>
    value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return [
    '| what | median | p99 | n | against, same run | ratio |',
    '|---|---:|---:|---:|---|---:|',
    ...figures.map(({ what, unit, median, p99, n, against }) => {
      const other = against ? `${against.what}: ${shown(against.median)} ${unit}` : '';
      const ratio = against
        ? `${against.ratio.toFixed(2)}${against.goal ? ` (goal ${against.goal})` : ''}`
        : '';
      return `| ${what} | ${shown(median)} ${unit} | ${shown(p99)} | ${n} | ${other} | ${ratio} |`;
    }),
  ].join('\n');
}
