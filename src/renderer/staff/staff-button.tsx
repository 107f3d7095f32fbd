import type { AriaAttributes, ComponentChildren } from 'preact';
import { Pressable } from '../components/pressable.tsx';

interface StaffButtonProps {
  readonly onPress: () => void;
  readonly class: string;
  readonly aria?: AriaAttributes;
  readonly lang?: string;
  readonly children: ComponentChildren;
}

const nothing = () => {};

/** A button that counts when the finger is lifted on it; the style sheet draws it pressed meanwhile. */
export function StaffButton({ onPress, ...rest }: StaffButtonProps) {
  return <Pressable {...rest} down={nothing} up={onPress} away={nothing} activate={onPress} />;
}
