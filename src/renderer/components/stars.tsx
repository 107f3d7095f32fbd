const FULL = 5;
const POINTS = '50,6 63,37 97,39.5 71,61.5 79.5,95 50,76.5 20.5,95 29,61.5 3,39.5 37,37';

/** The clerk's own grade, in the one ink: it informs and does not decorate. */
export function Stars({ count, label }: { readonly count: number; readonly label: string }) {
  return (
    <span class="stars" role="img" aria-label={label}>
      {Array.from({ length: FULL }, (_, index) => (
        <svg
          key={`${index}`}
          viewBox="0 0 100 100"
          class={index < count ? 'star star--full' : 'star'}
          aria-hidden="true"
        >
          <polygon points={POINTS} />
        </svg>
      ))}
    </span>
  );
}
