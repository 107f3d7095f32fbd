/** Every state has a word and a shape, and no colour of its own: there, on its way, gone, resting. */
export type ShapeName = 'there' | 'way' | 'gone' | 'rest';

const DRAWINGS: { readonly [S in ShapeName]: string } = {
  there: 'M12 4 a8 8 0 1 0 0.01 0 Z',
  way: 'M12 4 a8 8 0 1 0 0.01 0 M12 7 a5 5 0 1 1 -0.01 0 Z',
  gone: 'M12 2.5 L22.5 21 L1.5 21 Z',
  rest: 'M5 4 h5 v16 h-5 Z M14 4 h5 v16 h-5 Z',
};

export function Shape({ name }: { readonly name: ShapeName }) {
  return (
    <svg class="staff-shape" viewBox="0 0 24 24" aria-hidden="true">
      <path fill-rule="evenodd" d={DRAWINGS[name]} />
    </svg>
  );
}
