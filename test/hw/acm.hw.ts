import { suiteFor } from './suite.ts';

await suiteFor('serial', 'a USB CDC-ACM gadget');
