import { buildPreview } from '../../tools/preview/build-preview.ts';

/** Once before all browser tests. */
export default buildPreview;
