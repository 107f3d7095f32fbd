interface QrCodeProps {
  readonly size: number;
  readonly path: string;
  readonly label: string;
}

/** Always dark on white, with the quiet zone of four modules that readers need, in either theme. */
const QUIET_MODULES = 4;

export function QrCode({ size, path, label }: QrCodeProps) {
  const whole = size + 2 * QUIET_MODULES;
  return (
    <svg
      class="qr-code"
      viewBox={`${-QUIET_MODULES} ${-QUIET_MODULES} ${whole} ${whole}`}
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  );
}
