import { suiteFor } from './suite.ts';

await suiteFor('hid', 'a USB HID gadget through hidraw');
