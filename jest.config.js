import { availableParallelism } from 'node:os';

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  runtime: '<rootDir>/test/setup/node-runtime.mjs',
  transform: {},
  globalSetup: '<rootDir>/test/setup/postgres.mjs',
  globalTeardown: '<rootDir>/test/setup/postgres-teardown.mjs',
  injectGlobals: false,
  // Five times what the longest test needs here: a machine may be slow or busy.
  testTimeout: 300_000,
  // Many tests wait for processes and browsers: on two cores a third one has room.
  maxWorkers: Math.max(3, Math.floor(availableParallelism() / 2)),
  workerIdleMemoryLimit: '1500MB',
};
