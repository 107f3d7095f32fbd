import face1 from '../../../assets/faces/level-1.svg?raw';
import face2 from '../../../assets/faces/level-2.svg?raw';
import face3 from '../../../assets/faces/level-3.svg?raw';
import face4 from '../../../assets/faces/level-4.svg?raw';
import face5 from '../../../assets/faces/level-5.svg?raw';
import type { Level } from '../../shared/words.ts';

/** In the order they stand on every evaluator of the country. (The list in shared/words.ts would bring zod along.) */
export const FACES: readonly { readonly level: Level; readonly svg: string }[] = [
  { level: 5, svg: face5 },
  { level: 4, svg: face4 },
  { level: 3, svg: face3 },
  { level: 2, svg: face2 },
  { level: 1, svg: face1 },
];
