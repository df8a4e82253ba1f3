// The runtime of jest, with one difference: Node.js itself loads the tests and what they import, once a worker.
// jest alone would load everything anew for each file, in a context of its own: a third of the time of a run.
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { jestExpect } from '@jest/expect';
import { ModuleMocker } from 'jest-mock';
import JestRuntime from 'jest-runtime';

register('./jest-globals-hook.mjs', import.meta.url);

const mocker = new ModuleMocker(globalThis);
let files = 0;

export default class NodeRuntime extends JestRuntime {
  setGlobalsForRuntime(globals) {
    super.setGlobalsForRuntime(globals);
    const { fn, spyOn, restoreAllMocks } = mocker;
    const { global } = this._environment;
    const jest = {
      fn: fn.bind(mocker),
      spyOn: spyOn.bind(mocker),
      restoreAllMocks: restoreAllMocks.bind(mocker),
      // As jest's own: the test runner reads it from the context in which it lives.
      retryTimes: (times, { logErrorsBeforeRetry = false } = {}) => {
        global[Symbol.for('RETRY_TIMES')] = times;
        global[Symbol.for('LOG_ERRORS_BEFORE_RETRY')] = logErrorsBeforeRetry;
      },
    };
    globalThis[Symbol.for('postern.test.globals')] = { ...globals, jest, expect: jestExpect };
  }

  unstable_shouldLoadAsEsm(path) {
    return path.endsWith('.test.ts') || super.unstable_shouldLoadAsEsm(path);
  }

  async unstable_importModule(path) {
    files += 1;
    // Node.js knows the sources of what it loaded; jest would look for transforms of its own.
    Error.prepareStackTrace = undefined;
    await import(`${pathToFileURL(path)}?file=${files}`);
  }
}
