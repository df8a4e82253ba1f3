// A network to a server that is farther away than it is: each byte arrives half a round trip late, in order.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { runAsChild } from './child-process.ts';

export interface DelaySettings {
  readonly host: string;
  readonly port: number;
  readonly roundTripMs: number;
}

interface Delayed {
  readonly due: bigint;
  arrive(): void;
}

// Timers know whole milliseconds only; a thread that sleeps is exact to some microseconds and costs no CPU.
const SLEEPER = `
  const { parentPort, workerData: { flag, due } } = require('node:worker_threads');
  for (;;) {
    Atomics.wait(flag, 0, 0);
    const left = Number(Atomics.load(due, 0) - process.hrtime.bigint()) / 1e6;
    if (left > 0) Atomics.wait(flag, 1, 0, left);
    Atomics.store(flag, 0, 0);
    parentPort.postMessage(0);
  }`;

function delayedBy(ms: number) {
  const delay = BigInt(Math.round(ms * 1_000_000));
  const flag = new Int32Array(new SharedArrayBuffer(8));
  const due = new BigInt64Array(new SharedArrayBuffer(8));
  const queue: Delayed[] = [];
  const sleeper = new Worker(SLEEPER, { eval: true, workerData: { flag, due } });
  const wakeAt = (instant: bigint) => {
    Atomics.store(due, 0, instant);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  };
  sleeper.on('message', () => {
    const now = process.hrtime.bigint();
    let arrived = 0;
    for (; queue[arrived] !== undefined && (queue[arrived] as Delayed).due <= now; arrived += 1)
      queue[arrived]?.arrive();
    queue.splice(0, arrived);
    if (queue[0] !== undefined) wakeAt(queue[0].due);
  });
  return (arrive: () => void) => {
    const item = { due: process.hrtime.bigint() + delay, arrive };
    if (queue.push(item) === 1) wakeAt(item.due);
  };
}

runAsChild(async ({ host, port, roundTripMs }: DelaySettings) => {
  const later = delayedBy(roundTripMs / 2);
  const carry = (from: Socket, to: Socket) => {
    from.setNoDelay(true);
    from.on('data', (chunk) => later(() => void to.write(chunk)));
    from.on('error', () => undefined);
    from.on('close', () => later(() => to.destroy()));
  };
  const server = createServer((near) => {
    const far = connect(port, host);
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
});
