// Portable Network Graphics (ISO/IEC 15948), strictly: what a logo may be, and nothing that could hide beside it.
import { promisify } from 'node:util';
import { crc32, deflate, inflate } from 'node:zlib';
import type { FaultCode } from '../policy/faults.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const SIDE = { least: 64, most: 1_024 } as const;
/** The longer side in units of the shorter one. */
const RATIO_MAX = 1.25;

/** Channels and depths of each colour type (§11.2.2). */
const COLOURS: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** The picture written anew with what it takes to draw it: no text, time, profile, animation or bytes after its end. */
export async function rewritePng(
  file: Buffer,
): Promise<{ readonly png: Buffer } | { readonly fault: FaultCode }> {
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return { fault: 'logo_not_png' };
  const chunks = chunksOf(file);
  const header = chunks?.[0]?.data;
  if (chunks === undefined || header === undefined || !isInOrder(chunks)) return { fault: 'logo_damaged' };
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  if (shorter < SIDE.least || longer > SIDE.most || longer > shorter * RATIO_MAX)
    return { fault: 'logo_dimensions' };
  const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data));
  const rows = await rowsOf(header, data);
  if (rows === undefined) return { fault: 'logo_damaged' };
  const palette = chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS');
  const picture = { type: 'IDAT', data: await promisify(deflate)(rows) };
  const kept = [{ type: 'IHDR', data: header }, ...palette, picture, { type: 'IEND', data: Buffer.of() }];
  return { png: Buffer.concat([SIGNATURE, ...kept.map(written)]) };
}

/** Undefined when a length, a name or a check sum is wrong, or when there is something after the end. */
function chunksOf(file: Buffer): Chunk[] | undefined {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < file.length; ) {
    if (file.length < at + 12) return undefined;
    const end = at + 8 + file.readUInt32BE(at);
    if (file.length < end + 4 || crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end))
      return undefined;
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

/** §5.6: the header, perhaps a palette and its transparency, the picture in one run, the end; each once. */
function isInOrder(chunks: readonly Chunk[]): boolean {
  // Bit 5 of the first letter is set in chunks that a picture can be drawn without (§5.4).
  const drawn = chunks.filter(({ type }) => /^[A-Z]/.test(type) || type === 'tRNS').map(({ type }) => type);
  const run = drawn.join(' ').replace(/IDAT( IDAT)*/, 'IDAT');
  const together = chunks
    .map(({ type }) => type)
    .join(' ')
    .replace(/IDAT( IDAT)*/, '');
  return (
    /^IHDR( PLTE)?( tRNS)? IDAT IEND$/.test(run) &&
    chunks[0]?.type === 'IHDR' &&
    chunks[0].data.length === 13 &&
    !together.includes('IDAT') &&
    chunks.at(-1)?.type === 'IEND' &&
    chunks.at(-1)?.data.length === 0 &&
    palettesFit(chunks)
  );
}

function palettesFit(chunks: readonly Chunk[]): boolean {
  const colour = chunks[0]?.data[9];
  const length = (wanted: string) => chunks.find(({ type }) => type === wanted)?.data.length;
  const [palette, transparency] = [length('PLTE'), length('tRNS')];
  const paletteFits =
    palette === undefined ? colour !== 3 : palette % 3 === 0 && palette > 0 && palette <= 768;
  const most = colour === 3 ? (palette ?? 0) / 3 : { 0: 2, 2: 6 }[colour ?? -1];
  return paletteFits && (transparency === undefined || (most !== undefined && transparency <= most));
}

/** The bytes of all rows and no more, of a picture that is not interlaced. */
async function rowsOf(header: Buffer, data: Buffer): Promise<Buffer | undefined> {
  const [depth = 0, colour = -1, compression, filter, interlace] = header.subarray(8);
  const kind = COLOURS[colour];
  if (kind === undefined || !kind.depths.includes(depth)) return undefined;
  if (compression !== 0 || filter !== 0 || interlace !== 0) return undefined;
  const row = 1 + Math.ceil((header.readUInt32BE(0) * kind.channels * depth) / 8);
  const size = row * header.readUInt32BE(4);
  const rows = await promisify(inflate)(data, { maxOutputLength: size + 1 }).catch(() => undefined);
  if (rows?.length !== size) return undefined;
  // §9.2: each row begins with its filter.
  for (let at = 0; at < size; at += row) if ((rows[at] ?? 5) > 4) return undefined;
  return rows;
}

function written({ type, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}
