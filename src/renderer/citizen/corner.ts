/** Fingers tremble; farther than this is a swipe. */
const SLIDE_PX = 40;

/**
 * The way to the staff screen: one finger that rests on the hall's name. Nothing is drawn and nothing is counted here:
 * the core is told when it is held and when it is let go, and knows how long is long enough. It covers none of the
 * citizen's buttons; a second finger, a slide or a lift ends it.
 */
export function hearCorner(page: Document, tell: (held: boolean) => void): void {
  let resting: { readonly pointerId: number; readonly x: number; readonly y: number } | null = null;

  function end(): void {
    if (resting === null) return;
    resting = null;
    tell(false);
  }

  page.addEventListener('pointerdown', (event) => {
    if (resting !== null) {
      end();
      return;
    }
    if (event.button !== 0 || !isOnCorner(page, event)) return;
    resting = { pointerId: event.pointerId, x: event.clientX, y: event.clientY };
    tell(true);
  });
  page.addEventListener('pointermove', (event) => {
    if (event.pointerId !== resting?.pointerId) return;
    if (Math.hypot(event.clientX - resting.x, event.clientY - resting.y) > SLIDE_PX) end();
  });
  for (const type of ['pointerup', 'pointercancel'] as const)
    page.addEventListener(type, (event) => {
      if (event.pointerId === resting?.pointerId) end();
    });
  page.addEventListener('visibilitychange', end);
}

/** From the panel's corner to the end of the hall's name, as high as the header; whatever else is there is not it. */
function isOnCorner(page: Document, event: PointerEvent): boolean {
  if (event.target instanceof Element && event.target.closest('button') !== null) return false;
  const header = page.querySelector('.page__header')?.getBoundingClientRect();
  const hall = page.querySelector('.page__hall')?.getBoundingClientRect();
  return (
    header !== undefined &&
    hall !== undefined &&
    event.clientY <= header.bottom &&
    event.clientX <= hall.right
  );
}
