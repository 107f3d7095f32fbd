/** What a browser would do with a gesture and a kiosk must not: menus, dragging, selecting, zooming by wheel. */
export function lockDownGestures(target: Document): void {
  const refuse = (event: Event) => event.preventDefault();
  for (const type of ['contextmenu', 'dragstart', 'selectstart']) target.addEventListener(type, refuse);
  target.addEventListener('wheel', refuse, { passive: false });
}
