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
export async function readForm(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers;
  if (type !== TYPE && type.split(';', 1)[0]?.trim().toLowerCase() !== TYPE) return undefined;
  const bytes = await readBytes(request, maxBytes);
  if (bytes === undefined || coding === 'identity') return bytes?.toString();
  const read = inflaters[coding.toLowerCase()];
  return read?.(bytes, { maxOutputLength: maxBytes }).then(
    (inflated) => inflated.toString(),
    () => undefined,
  );
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // What is too long is read to its end, so that the connection stays of use, and not kept.
      if (length > maxBytes) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    // Cut short, or ended before: then this changes nothing.
    request.on('close', () => resolve(undefined));
  });
}

/** Undefined: it is not there, or more than once (RFC 6749 §3.2), or has parts, as some would read `name[part]`. */
export function onlyValue(form: string, name: string): string | undefined {
  const parameters = new URLSearchParams(form);
  const [value, ...more] = parameters.getAll(name);
  const hasParts = [...parameters.keys()].some((key) => key.startsWith(`${name}[`));
  return more.length > 0 || hasParts ? undefined : value;
}
