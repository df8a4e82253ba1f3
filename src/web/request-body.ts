// Reads a body from a request of node:http, for what is answered without koa.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** As text; or why there is none. */
export type Body = { readonly text: string } | 'other_type' | 'too_large' | 'unreadable';

const inflaters: Readonly<Record<string, (bytes: Buffer, limits: object) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

export async function readBody(request: IncomingMessage, type: string, maxBytes: number): Promise<Body> {
  const { 'content-type': given = '', 'content-encoding': coding = 'identity' } = request.headers;
  const isOfType = given === type || given.split(';', 1)[0]?.trim().toLowerCase() === type;
  if (!isOfType) return 'other_type';
  const bytes = await read(request, maxBytes);
  if (typeof bytes === 'string') return bytes;
  if (coding === 'identity') return { text: bytes.toString() };
  try {
    const inflated = await inflaters[coding.toLowerCase()]?.(bytes, { maxOutputLength: maxBytes });
    return inflated === undefined ? 'unreadable' : { text: inflated.toString() };
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'unreadable';
  }
}

function read(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too_large' | 'unreadable'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // What is too long is read to its end, so that the connection stays of use, and not kept.
      if (length > maxBytes) resolve('too_large');
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    // Cut short, or ended before: then this changes nothing.
    request.on('close', () => resolve('unreadable'));
  });
}
