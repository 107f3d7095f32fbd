import { widthInEm } from './text-measure.ts';

interface FigureLineProps {
  readonly before: string;
  readonly figure: string;
  readonly after: string;
}

/** One sentence around one large figure on a common baseline: 正在为 **A012** 号办理. */
export function FigureLine({ before, figure, after }: FigureLineProps) {
  return (
    <h1 class="figure-line">
      {before === '' ? null : <span class="figure-line__word">{before} </span>}
      <span class="figure-line__figure" style={{ '--figure-em': widthInEm(figure).toFixed(2) }}>
        {figure}
      </span>
      {after === '' ? null : <span class="figure-line__word"> {after}</span>}
    </h1>
  );
}
