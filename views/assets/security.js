import { tellDevice } from './device-signals.js';

// Each visit, so after a removal and after a change of her name, too.
tellDevice(JSON.parse(document.querySelector('[data-signals]').dataset.signals));
