// More requests at once than anybody has a place for: many on each connection, sent without waiting for answers.
import { connect } from 'node:net';
import type { World } from './world.ts';
import { basic } from './world.ts';

export interface Flood {
  /** All of it was sent. */
  readonly sent: Promise<unknown>;
  /** The status of each answer. */
  readonly answered: Promise<readonly number[]>;
}

/** Introspections of one token by the demo's FHIR server. */
export function introspectionFlood(world: World, token: string, connections: number, each: number): Flood {
  const { id, secret } = world.resourceServer;
  const body = `token=${token}`;
  const request =
    `POST /introspect HTTP/1.1\r\nHost: ${new URL(world.issuer).host}\r\n` +
    `Authorization: ${basic(id, secret)}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const one = () => {
    const socket = connect(Number(new URL(world.issuer).port), 'localhost');
    let heard = '';
    const answered = new Promise<number[]>((resolve, reject) => {
      socket.setEncoding('latin1').on('error', reject);
      socket.on('close', () => reject(new Error(`closed after ${heard.length} bytes`)));
      socket.on('data', (part) => {
        heard += part;
        const statuses = [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
        if (statuses.length < each) return;
        resolve(statuses);
        socket.destroy();
      });
    });
    const sent = new Promise<void>((resolve) => socket.write(request.repeat(each), () => resolve()));
    return { sent, answered };
  };
  const all = Array.from({ length: connections }, one);
  return {
    sent: Promise.all(all.map(({ sent }) => sent)),
    answered: Promise.all(all.map(({ answered }) => answered)).then((statuses) => statuses.flat()),
  };
}
