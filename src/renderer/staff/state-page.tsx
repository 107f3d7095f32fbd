import type { ComponentChildren } from 'preact';
import type { StaffPart } from '../../shared/screen/staff-snapshot.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { Shape, type ShapeName } from './shape.tsx';
import { spanIn } from './spans.ts';
import { StaffButton } from './staff-button.tsx';
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
  /** What can be done about it. */
  readonly act?: ComponentChildren;
}

function Row({ name, detail, shape, state, since, children, act }: RowProps) {
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
        <div class="staff-table__last">
          <span class="staff-table__remark">{children}</span>
          {act}
        </div>
      </td>
    </tr>
  );
}

/** Everything that is connected, and the machine itself. */
export function StatePage({ screen, text, hands }: StaffPageProps) {
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
          <ProvinceRow screen={screen} text={text} hands={hands} />
          <ClockRow screen={screen} text={text} />
          <JournalRow screen={screen} text={text} />
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

function ProvinceRow({ screen, text, hands }: StaffPageProps) {
  const { province } = screen;
  if (province === null)
    return <Row name={text.state.province} shape="rest" state={text.state.noQueue} since="" />;
  const { state, waiting, forMs, deliveredForMs, refusedSeq, mayBeTried } = province;
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
      act={
        mayBeTried ? (
          <StaffButton class="staff-button" onPress={() => hands.act((core) => core.tryNow({}))}>
            {text.acts.tryNow}
          </StaffButton>
        ) : undefined
      }
    >
      {[
        ...(refusedSeq === undefined ? [] : [text.state.refusedEntry(refusedSeq)]),
        ...(waiting === 0 ? [] : [text.state.waiting(waiting)]),
        delivered,
      ].join(' · ')}
    </Row>
  );
}

/** How far the journal goes, and how far the province has it: the kiosk's side of the gap report. */
function JournalRow({ screen, text }: Pick<StaffPageProps, 'screen' | 'text'>) {
  const { journal, province } = screen;
  if (journal === null) return null;
  const holds = province?.holds;
  const head = text.state.head(journal.hash);
  return (
    <Row name={text.state.journal} shape="there" state={text.state.entries(journal.seq)} since="">
      {holds ? `${head} · ${text.state.holds(holds.seq, spanIn(text, holds.forMs))}` : head}
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
