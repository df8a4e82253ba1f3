// What test files import of jest: always the file's that runs now, for modules outlive files here.
const now = (name) => globalThis[Symbol.for('postern.test.globals')][name];
const ofFile = (name) =>
  new Proxy(() => undefined, {
    get: (_, key) => now(name)[key],
    apply: (_, __, values) => now(name)(...values),
  });

export const test = ofFile('test');
export const describe = ofFile('describe');
export const expect = ofFile('expect');
export const jest = ofFile('jest');
export const beforeAll = ofFile('beforeAll');
export const beforeEach = ofFile('beforeEach');
export const afterAll = ofFile('afterAll');
export const afterEach = ofFile('afterEach');
