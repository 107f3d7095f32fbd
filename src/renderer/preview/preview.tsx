import './preview.css';
import { signal } from '@preact/signals';
import { render } from 'preact';
import { fixtures } from './fixtures.ts';
import { staffFixtures } from './staff-fixtures.ts';

/** All fixtures side by side, each in a frame of a panel's true size, scaled down. For people who work on the look. */
const PANELS = {
  landscape: { width: 1280, height: 800 },
  portrait: { width: 800, height: 1280 },
  'full-hd': { width: 1920, height: 1080 },
  small: { width: 1024, height: 600 },
} as const;
type Panel = keyof typeof PANELS;

const LOCALES = ['zh-CN', 'en'] as const;
const THEMES = ['paper', 'ink'] as const;
const SHOWN_WIDTH_PX = 400;

const panel = signal<Panel>('landscape');
const locale = signal<(typeof LOCALES)[number]>('zh-CN');
const theme = signal<(typeof THEMES)[number]>('paper');

interface ChoiceProps<T extends string> {
  readonly options: readonly T[];
  readonly chosen: { value: T };
}

function Choice<T extends string>({ options, chosen }: ChoiceProps<T>) {
  return (
    <select value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value as T)}>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  );
}

function Shot({ name }: { readonly name: string }) {
  const { width, height } = PANELS[panel.value];
  const scale = SHOWN_WIDTH_PX / width;
  const query = new URLSearchParams({ name, locale: locale.value, theme: theme.value });
  return (
    <figure class="shot">
      <div class="shot__window" style={{ width: `${SHOWN_WIDTH_PX}px`, height: `${height * scale}px` }}>
        <iframe
          title={name}
          src={`./frame.html?${query}`}
          width={width}
          height={height}
          style={{ transform: `scale(${scale})` }}
        />
      </div>
      <figcaption>{name}</figcaption>
    </figure>
  );
}

function Sheet() {
  return (
    <>
      <div class="toolbar">
        <Choice options={Object.keys(PANELS) as Panel[]} chosen={panel} />
        <Choice options={LOCALES} chosen={locale} />
        <Choice options={THEMES} chosen={theme} />
      </div>
      <div class="sheet">
        {[...fixtures, ...staffFixtures].map(({ name }) => (
          <Shot key={name} name={name} />
        ))}
      </div>
    </>
  );
}

const mount = document.getElementById('preview');
if (mount !== null) render(<Sheet />, mount);
