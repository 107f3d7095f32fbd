import type { AriaAttributes, ComponentChildren } from 'preact';
import { Pressable } from '../components/pressable.tsx';
import type { Act, Acts } from './acts.ts';

interface ActButtonProps {
  readonly act: Act;
  readonly acts: Acts;
  readonly class: string;
  readonly aria?: AriaAttributes;
  readonly lang?: string;
  readonly children: ComponentChildren;
}

/** A button that does one act. */
export function ActButton({ act, acts, ...rest }: ActButtonProps) {
  return (
    <Pressable
      {...rest}
      down={(pointerId) => acts.touch(act, pointerId)}
      up={acts.lift}
      away={acts.release}
      activate={() => acts.perform(act)}
    />
  );
}

/** A plain button is drawn pressed while the finger is on it and until the core has answered. */
export function isShown(acts: Acts, verb: Act['verb']): boolean {
  return acts.shown.value?.verb === verb;
}
