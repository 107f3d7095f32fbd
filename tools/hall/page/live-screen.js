/** The kiosk's screen: a live picture that can be touched; or buttons, where there is only a core. */
import { words } from './phrases.js';

const AGAIN_MS = 1_000;

let canvas;
let shape = '';

/** @param act sends an action to the bench. */
export function showScreen(state, act) {
  const glass = document.getElementById('glass');
  const { classList } = document.querySelector('main');
  classList.toggle('portrait', isPortraitPicture(state));
  classList.toggle('display', state.screen.kind === 'display');
  if (state.screen.kind === 'display') return;
  if (state.screen.kind === 'memory') {
    if (!canvas) {
      canvas = liveCanvas(state.screen.size, act);
      glass.replaceChildren(canvas);
    }
    canvas.classList.toggle('still', !state.kiosk.running);
    return;
  }
  const wanted = JSON.stringify([words().title, state.snapshot?.screen.name]);
  if (wanted === shape) return;
  shape = wanted;
  glass.replaceChildren(buttonsOf(state, act));
}

function isPortraitPicture({ screen }) {
  return screen.kind === 'memory' && screen.size.height > screen.size.width;
}

function liveCanvas({ width, height }, act) {
  const made = document.createElement('canvas');
  made.width = width;
  made.height = height;
  made.addEventListener('pointerdown', (event) => {
    const box = made.getBoundingClientRect();
    const x = (event.clientX - box.left - made.clientLeft) / made.clientWidth;
    const y = (event.clientY - box.top - made.clientTop) / made.clientHeight;
    if (x >= 0 && x <= 1 && y >= 0 && y <= 1) act({ do: 'tap', x, y });
  });
  void follow(made.getContext('2d'));
  return made;
}

/** Asks for the next frame as soon as one is there; nothing is asked while nobody looks at this page. */
async function follow(context) {
  let after = 0;
  for (;;) {
    if (document.hidden)
      await new Promise((resolve) => addEventListener('visibilitychange', resolve, { once: true }));
    try {
      const response = await fetch(`/screen.png?after=${after}`);
      if (response.status === 200) {
        const picture = await createImageBitmap(await response.blob());
        context.drawImage(picture, 0, 0);
        picture.close();
        after = Number(response.headers.get('x-frame'));
      }
    } catch {
      // The bench is away, and the state line says so.
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function buttonsOf({ snapshot }, act) {
  const say = words();
  const name = snapshot?.screen.name;
  const canChoose = name === 'inviting' || name === 'chosen';
  const levels = [5, 4, 3, 2, 1].map((level) =>
    button(say.levels[level], canChoose, () => act({ do: 'choose', level })),
  );
  const verbs = [
    ['confirm', name === 'chosen'],
    ['finish', name === 'details'],
    ['help', name === 'details'],
    ['decline', name === 'inviting'],
  ].map(([verb, isOffered]) => button(say.answers[verb], isOffered, () => act({ do: 'answer', verb })));
  return panel(name ? say.screens[name] : say.state.starting, [levels, verbs]);
}

function panel(text, groups) {
  const made = document.createElement('div');
  made.className = 'instead';
  const line = document.createElement('p');
  line.textContent = text;
  made.append(line);
  for (const buttons of groups) {
    const group = document.createElement('div');
    group.append(...buttons.flatMap((one) => [one, ' ']));
    made.append(group);
  }
  return made;
}

function button(text, isEnabled, onClick) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.disabled = !isEnabled;
  made.addEventListener('click', onClick);
  return made;
}
