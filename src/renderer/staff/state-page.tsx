import type { ComponentChildren } from 'preact';
import type { StaffPart } from '../../shared/screen/staff-snapshot.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { Shape, type ShapeName } from './shape.tsx';
import { spanIn } from './spans.ts';
import type { OpenScreen, StaffPageProps } from './staff-pages.tsx';

const SHAPES = { ready: 'there', connecting: 'way', lost: 'gone' } as const satisfies Record<
  StaffPart['state'],
  ShapeName
>;
const PROVINCE_SHAPES = {
  idle: 'there',
  sending: 'there',
  waiting: 'way',
  slowed: 'way',
  offline: 'gone',
  held: 'gone',
  stopped: 'gone',
} as const satisfies Record<NonNullable<OpenScreen['province']>['state'], ShapeName>;

/** A clock that is off by more is worth a word; receipts and lists show minutes. */
const CLOCK_OFF_MS = 5_000;

interface RowProps {
  readonly name: string;
  readonly detail?: string;
  readonly shape: ShapeName;
  readonly state: string;
  readonly since: string;
  readonly children?: ComponentChildren;
}

function Row({ name, detail, shape, state, since, children }: RowProps) {
  return (
    <tr>
      <td>
        <span class="staff-table__name">{name}</span>
        {detail === undefined ? null : <span class="staff-table__detail">{detail}</span>}
      </td>
      <td>
        <span class="staff-mark">
          <Shape name={shape} />
          {state}
        </span>
      </td>
      <td>{since}</td>
      <td>
        <span class="staff-table__remark">{children}</span>
      </td>
    </tr>
  );
}

/** Everything that is connected, and the machine itself. */
export function StatePage({ screen, text }: StaffPageProps) {
  const { parts, lines, version } = screen;
  return (
    <section class="staff-state">
      <table class="staff-table staff-table--state">
        <thead>
          <tr>
            <th scope="col">{text.state.part}</th>
            <th scope="col">{text.state.state}</th>
            <th scope="col">{text.state.since}</th>
            <th scope="col">{text.state.remark}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <PartRow key={`${part.kind} ${part.name}`} part={part} text={text} />
          ))}
          {parts.some(({ kind }) => kind === 'queue') ? null : (
            <Row name={text.state.queue} shape="rest" state={text.state.noQueue} since="" />
          )}
          <ProvinceRow screen={screen} text={text} />
          <ClockRow screen={screen} text={text} />
          {screen.journal === null ? null : (
            <Row
              name={text.state.journal}
              shape="there"
              state={text.state.entries(screen.journal.seq)}
              since=""
            >
              {text.state.head(screen.journal.hash)}
            </Row>
          )}
          <Row name={text.state.version} shape="there" state={version} since="" />
        </tbody>
      </table>
      {lines.length === 0 ? null : (
        <div class="staff-lines" lang="zh-CN">
          <h2>{text.state.trouble}</h2>
          {lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
    </section>
  );
}

function PartRow({ part, text }: { readonly part: StaffPart; readonly text: StaffCatalogue }) {
  const span = spanIn(text, part.forMs);
  return (
    <Row
      name={text.state[part.kind]}
      detail={part.name}
      shape={SHAPES[part.state]}
      state={text.state[part.state]}
      since={part.state === 'lost' ? text.state.lostFor(span) : text.state.forSpan(span)}
    >
      {part.reason === undefined ? null : <span lang="zh-CN">{part.reason}</span>}
    </Row>
  );
}

function ProvinceRow({ screen, text }: Pick<StaffPageProps, 'screen' | 'text'>) {
  const { province } = screen;
  if (province === null)
    return <Row name={text.state.province} shape="rest" state={text.state.noQueue} since="" />;
  const { state, waiting, forMs, deliveredForMs } = province;
  const delivered =
    deliveredForMs === undefined
      ? text.state.notDelivered
      : text.state.delivered(spanIn(text, deliveredForMs));
  return (
    <Row
      name={text.state.province}
      shape={PROVINCE_SHAPES[state]}
      state={text.state.provinceStates[state]}
      since={text.state.forSpan(spanIn(text, forMs))}
    >
      {waiting === 0 ? delivered : `${text.state.waiting(waiting)} · ${delivered}`}
    </Row>
  );
}

function ClockRow({ screen, text }: Pick<StaffPageProps, 'screen' | 'text'>) {
  const { clock } = screen;
  if (clock === null)
    return (
      <Row name={text.state.clock} shape="rest" state={text.state.clockUnknown} since="">
        {text.state.notCompared}
      </Row>
    );
  const isOff = Math.abs(clock.offsetMs) > CLOCK_OFF_MS + clock.errorMs;
  return (
    <Row
      name={text.state.clock}
      shape={isOff ? 'gone' : 'there'}
      state={isOff ? text.state.clockOff : text.state.clockRight}
      since=""
    >
      {text.state.offset((Math.abs(clock.offsetMs) / 1_000).toFixed(1))}
    </Row>
  );
}
