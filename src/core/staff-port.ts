import type { Clock } from '../shared/clock.ts';
import { type StaffContract, type StaffPortMessage, staffContract } from '../shared/screen/staff-contract.ts';
import type { StaffSnapshot } from '../shared/screen/staff-snapshot.ts';
import type { createCoalescer } from './logging.ts';
import type { Pairing } from './pairing.ts';
import { type ScreenPort, serveVerbs } from './screen-port.ts';
import { createStaffDesk, type StaffDesk, type StaffSide } from './staff-desk.ts';
import { createStaffDoor } from './staff-door.ts';
import { createStaffGate } from './staff-gate.ts';
import type { StaffSettings } from './staff-settings.ts';

/** Spans grow while nothing changes; a second is what they are said in. */
const REFRESH_MS = 1_000;

export interface StaffScreens {
  /** From the citizen's page: a finger on the corner, or none any more. */
  corner(held: boolean): void;
  attach(port: ScreenPort<StaffPortMessage>): void;
  /** The counter, a link or a box changed: the screen goes, or shows it at once. */
  changed(): void;
  shut(): void;
}

/** The staff screen as the core has it: door, gate and, while it is open, one desk on one port. */
export function createStaffScreens(parts: {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly version: string;
  readonly side: () => StaffSide | null;
  readonly settings: () => StaffSettings;
  readonly lines: () => readonly string[];
  /** Absent where nothing can be paired. */
  readonly pairing?: Pairing;
  readonly show: (shown: boolean) => void;
  readonly note: ReturnType<typeof createCoalescer>;
}): StaffScreens {
  const { clock, note } = parts;
  const gate = createStaffGate({ dataFolder: parts.dataFolder, clock, note });
  let open: { readonly desk: StaffDesk; readonly refresh: () => void } | null = null;
  let cancelTick = () => {};

  const door = createStaffDoor({
    clock,
    counter: () => parts.side()?.counter() ?? null,
    idleMs: () => parts.settings().idleMs,
    isUnlocked: () => open?.desk.isUnlocked() ?? false,
    show(shown) {
      if (!shown) {
        open?.desk.end();
        open = null;
        parts.pairing?.end();
        cancelTick();
      }
      parts.show(shown);
    },
  });

  function tick(): void {
    cancelTick = clock.after(REFRESH_MS, () => {
      open?.refresh();
      tick();
    });
  }

  return {
    corner: door.corner,
    attach(port) {
      if (!door.arrived()) return;
      let mine: typeof open = null;
      const isMine = () => open !== null && open === mine;
      const refresh = () => {
        if (isMine()) screen.push(desk.snapshot());
      };
      const desk = createStaffDesk({
        gate,
        clock,
        version: parts.version,
        side: parts.side,
        lines: parts.lines,
        ...(parts.pairing ? { pairing: parts.pairing } : {}),
        mayBeSetHere: () => parts.settings().setPinOnScreen,
        onAct: door.used,
        onLeave: () => {
          if (isMine()) door.shut();
        },
        refresh,
      });
      const screen = serveVerbs<StaffContract, StaffSnapshot>(port, {
        contract: staffContract,
        handlers: desk.handlers,
        monoMs: clock.monoMs,
        log: ({ id, ...data }) => note('warn', id, { screen: 'staff', ...data }),
        onClose: () => {
          if (isMine()) door.shut();
        },
      });
      mine = { desk, refresh };
      open = mine;
      refresh();
      cancelTick();
      tick();
    },
    changed() {
      door.counterChanged();
      open?.refresh();
    },
    shut: door.shut,
  };
}
