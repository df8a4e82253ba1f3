// A database that is some milliseconds away, and how far it is in truth.
import { connect } from '../setup/database.ts';
import type { DelaySettings } from './delay-proxy.ts';
import { startScript } from './process-start.ts';
import { median } from './rounds.ts';

const PROBES = 100;

/** The same database through a network in which a round trip takes that long, as one connection measures it. */
export async function farDatabase(url: string, roundTripMs: number): Promise<string> {
  const first = await throughDelay(url, roundTripMs);
  // What the proxy itself takes, and the database, is part of the way.
  const excess = (await roundTrip(first.url)) - roundTripMs;
  await first.stop();
  return (await throughDelay(url, Math.max(0, roundTripMs - excess))).url;
}

async function throughDelay(url: string, roundTripMs: number) {
  const far = new URL(url);
  const settings: DelaySettings = { host: far.hostname, port: Number(far.port), roundTripMs };
  const { ready, stop } = await startScript<{ port: number }>('./delay-proxy.ts', settings);
  far.host = `127.0.0.1:${ready.port}`;
  return { url: far.href, stop };
}

/** The median of what one connection waits for the smallest answer, in milliseconds. */
export async function roundTrip(url: string): Promise<number> {
  const { session, close } = await connect(url);
  const times: number[] = [];
  for (let probe = 0; probe < PROBES; probe += 1) {
    const began = performance.now();
    await session.query('SELECT 1', []);
    times.push(performance.now() - began);
  }
  await close();
  return median(times);
}
