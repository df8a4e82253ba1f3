// Reads a form from a request of node:http, for what is answered without koa.
import type { IncomingMessage } from 'node:http';
import { readBody } from './request-body.ts';

const TYPE = 'application/x-www-form-urlencoded';

/** As it was sent. Undefined: it is of another type, longer than `maxBytes` or not readable. */
export async function readForm(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const body = await readBody(request, TYPE, maxBytes);
  return typeof body === 'string' ? undefined : body.text;
}

/** One parameter whose value needs no decoding: what nearly all send. */
const PLAIN = /^([\w-]+)=([\w.~-]*)$/;

/** Which of these parameters are there, however often. */
export function namesIn(form: string, names: readonly string[]): readonly string[] {
  const plain = PLAIN.exec(form);
  if (plain !== null) return names.filter((name) => name === plain[1]);
  const present = [...new URLSearchParams(form).keys()].map((key) => key.split('[', 1)[0]);
  return names.filter((name) => present.includes(name));
}

/** Undefined: it is not there, or more than once (RFC 6749 §3.2), or has parts, as some would read `name[part]`. */
export function onlyValue(form: string, name: string): string | undefined {
  const plain = PLAIN.exec(form);
  if (plain !== null) return plain[1] === name ? plain[2] : undefined;
  const parameters = new URLSearchParams(form);
  const [value, ...more] = parameters.getAll(name);
  const hasParts = [...parameters.keys()].some((key) => key.startsWith(`${name}[`));
  return more.length > 0 || hasParts ? undefined : value;
}
