// Reads a form from a request of node:http, for what is answered without koa.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

const TYPE = 'application/x-www-form-urlencoded';

const inflaters: Readonly<Record<string, (bytes: Buffer, limits: object) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** As it was sent. Undefined: it is of another type, longer than `maxBytes` or not readable. */
export function readForm(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const { 'content-type': type = '', 'content-encoding': coding } = request.headers;
  const isForm = type === TYPE || type.split(';', 1)[0]?.trim().toLowerCase() === TYPE;
  if (!isForm) return Promise.resolve(undefined);
  if (coding === undefined || coding === 'identity')
    return read(request, maxBytes, (bytes) => bytes.toString());
  const inflated = inflaters[coding.toLowerCase()];
  const text = read(request, maxBytes, (bytes) => inflated?.(bytes, { maxOutputLength: maxBytes }));
  return text.then((bytes) => bytes?.toString()).catch(() => undefined);
}

function read<Read>(
  request: IncomingMessage,
  maxBytes: number,
  as: (bytes: Buffer) => Read | PromiseLike<Read>,
): Promise<Read | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // What is too long is read to its end, so that the connection stays of use, and not kept.
      if (length > maxBytes) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(as(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))));
    // Cut short, or ended before: then this changes nothing.
    request.on('close', () => resolve(undefined));
  });
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
