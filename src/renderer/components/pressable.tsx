import type { AriaAttributes, ComponentChildren } from 'preact';

/** A trembling finger slides; it may leave the button by this much and still mean it. */
const SLOP_PX = 24;

export interface PressHandlers {
  readonly down: (pointerId: number) => void;
  readonly up: (pointerId: number) => void;
  readonly away: (pointerId: number) => void;
  /** Keyboard or assistive technology. */
  readonly activate: () => void;
}

interface PressableProps extends PressHandlers {
  readonly class: string;
  readonly aria?: AriaAttributes;
  readonly lang?: string;
  readonly children: ComponentChildren;
}

function isInside(event: PointerEvent, element: Element): boolean {
  const box = element.getBoundingClientRect();
  return (
    event.clientX >= box.left - SLOP_PX &&
    event.clientX <= box.right + SLOP_PX &&
    event.clientY >= box.top - SLOP_PX &&
    event.clientY <= box.bottom + SLOP_PX
  );
}

/**
 * A real button that answers when the finger comes down and counts when it is lifted (docs/adr/0004-renderer.md).
 * `click` is heard only when no pointer made it.
 */
export function Pressable({ down, up, away, activate, aria, children, ...rest }: PressableProps) {
  return (
    <button
      type="button"
      {...rest}
      {...aria}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        down(event.pointerId);
      }}
      onPointerUp={(event) => {
        if (isInside(event, event.currentTarget)) up(event.pointerId);
        else away(event.pointerId);
      }}
      onPointerCancel={(event) => away(event.pointerId)}
      onClick={(event) => {
        if (event.detail === 0) activate();
      }}
    >
      {children}
    </button>
  );
}
