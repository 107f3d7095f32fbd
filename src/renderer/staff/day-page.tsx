import type { StaffFigures, StaffRow } from '../../shared/screen/staff-snapshot.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { Shape } from './shape.tsx';
import { StaffButton } from './staff-button.tsx';
import type { StaffPageProps } from './staff-pages.tsx';

const FIGURES = [
  'served',
  'invited',
  'rated',
  'declined',
  'timedOut',
  'superseded',
  'interrupted',
  'notInvited',
] as const satisfies readonly (keyof StaffFigures)[];

function percentOf({ served, notInvited }: StaffFigures): string {
  return `${((100 * notInvited) / Math.max(1, served)).toFixed(1)} %`;
}

/** The day at this counter: rated or not, and how each invitation ended. Never how somebody rated. */
export function DayPage({ screen, text, hands }: StaffPageProps) {
  const { figures, rows, leaf, leaves, date } = screen.day;
  const turn = (to: number) => hands.act((core) => core.show({ page: 'day', leaf: to }));
  return (
    <section class="staff-day">
      <dl class="staff-figures">
        {FIGURES.map((name) => (
          <div key={name} class="staff-figure">
            <dt>{text.day.figures[name]}</dt>
            <dd>{figures[name]}</dd>
          </div>
        ))}
      </dl>
      <table class="staff-table staff-table--day">
        <thead>
          <tr>
            <th scope="col">{text.day.time}</th>
            <th scope="col">{text.day.number}</th>
            <th scope="col">{text.day.rated}</th>
            <th scope="col">{text.day.outcome}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.time} ${row.number}`} row={row} text={text} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 ? <p class="staff-none">{text.day.none}</p> : null}
      <div class="staff-leaves">
        <span class="staff-leaves__words">
          {date} · {text.day.rate(percentOf(figures))}
        </span>
        {leaves === 1 ? null : (
          <>
            <span class="staff-leaves__words">{text.day.leaf(leaf + 1, leaves)}</span>
            <StaffButton class="staff-button" onPress={() => turn(Math.max(0, leaf - 1))}>
              {text.acts.later}
            </StaffButton>
            <StaffButton class="staff-button" onPress={() => turn(Math.min(leaves - 1, leaf + 1))}>
              {text.acts.earlier}
            </StaffButton>
          </>
        )}
      </div>
    </section>
  );
}

function endOf(row: StaffRow, text: StaffCatalogue): string {
  if (row.outcome === undefined) return text.day.isOpen;
  const end = row.recalled ? text.day.recalled : text.day.outcomes[row.outcome];
  return row.outcome === 'rated' ? '' : end;
}

function Row({ row, text }: { readonly row: StaffRow; readonly text: StaffCatalogue }) {
  const isRated = row.outcome === 'rated';
  const words = [endOf(row, text), row.manual ? text.day.manual : ''].filter((word) => word !== '');
  return (
    <tr>
      <td>{row.time}</td>
      <td class="staff-table__name">{row.number ?? text.day.noNumber}</td>
      <td>
        <span class="staff-mark">
          <Shape name={isRated ? 'there' : 'way'} />
          {isRated ? text.day.isRated : text.day.isNotRated}
        </span>
      </td>
      <td>{words.join(' · ')}</td>
    </tr>
  );
}
