import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { addLogo, LOGO_BYTES_MAX } from '../../src/registry/logos.ts';
import { rewritePng } from '../../src/registry/png.ts';
import { findLogo } from '../../src/store/logos.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function chunk(type: string, data: Uint8Array = Buffer.of()): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly channels: number;
  readonly interlace: number;
}

const plain: Picture = { width: 64, height: 64, depth: 8, colour: 2, channels: 3, interlace: 0 };

function header({ width, height, depth, colour, interlace }: Picture): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colour, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

const rowsOf = ({ width, height, depth, channels }: Picture) =>
  Buffer.alloc((1 + Math.ceil((width * channels * depth) / 8)) * height);
const dataOf = (picture: Picture) => chunk('IDAT', deflateSync(rowsOf(picture)));
const file = (...chunks: readonly Buffer[]) => Buffer.concat([SIGNATURE, ...chunks, chunk('IEND')]);
const png = (changes: Partial<Picture> = {}, ...between: readonly Buffer[]) => {
  const picture = { ...plain, ...changes };
  return file(header(picture), ...between, dataOf(picture));
};

const faultOf = async (given: Buffer) => {
  const rewritten = await rewritePng(given);
  return 'fault' in rewritten ? rewritten.fault : undefined;
};
const typesIn = (given: Buffer) =>
  given.toString('latin1').match(/IHDR|PLTE|tRNS|IDAT|IEND|tEXt|iCCP|acTL|eXIf/g);

describe('a logo is a PNG', () => {
  test.each<[string, Buffer]>([
    ['in colours', png()],
    ['in grey, of two levels', png({ depth: 1, colour: 0, channels: 1 })],
    ['with transparency', png({ depth: 16, colour: 6, channels: 4 })],
    [
      'with a palette',
      png({ colour: 3, channels: 1 }, chunk('PLTE', Buffer.alloc(6)), chunk('tRNS', Buffer.alloc(2))),
    ],
    ['of 1,024 by 820 pixels', png({ width: 1024, height: 820, depth: 1, colour: 0, channels: 1 })],
  ])('%s', async (_, given) => {
    expect(await faultOf(given)).toBeUndefined();
  });

  test('written anew with nothing but what draws it', async () => {
    const beside = ['tEXt', 'iCCP', 'acTL', 'eXIf'].map((type) =>
      chunk(type, Buffer.from('<script>hidden</script>')),
    );
    const whole = rowsOf(plain);
    whole.fill(1, 1, 4);
    const packed = Buffer.concat([deflateSync(whole), Buffer.from('hidden after the picture')]);
    const runs = [chunk('IDAT', packed.subarray(0, 20)), chunk('IDAT', packed.subarray(20))];
    const rewritten = await rewritePng(file(header(plain), ...beside, ...runs));
    if ('fault' in rewritten) throw new Error(rewritten.fault);
    expect(typesIn(rewritten.png)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(rewritten.png.includes('hidden')).toBe(false);
    const at = rewritten.png.indexOf('IDAT') + 4;
    expect(inflateSync(rewritten.png.subarray(at)).equals(whole)).toBe(true);
    expect(await rewritePng(rewritten.png)).toEqual(rewritten);
  });

  const damaged = png();
  damaged.writeUInt8(damaged.readUInt8(40) ^ 1, 40);
  const bomb = chunk('IDAT', deflateSync(Buffer.alloc(50_000_000)));
  const wrongFilter = rowsOf(plain).fill(9, 0, 1);
  test.each<[string, Buffer, string]>([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), 'logo_not_png'],
    ['a JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), 'logo_not_png'],
    ['a GIF', Buffer.from('GIF89a'), 'logo_not_png'],
    ['nothing', Buffer.of(), 'logo_not_png'],
    ['a signature alone', SIGNATURE, 'logo_damaged'],
    ['a wrong check sum', damaged, 'logo_damaged'],
    ['half a file', png().subarray(0, 60), 'logo_damaged'],
    [
      'a length beyond the file',
      Buffer.concat([SIGNATURE, Buffer.from('ffffffff49484452', 'hex')]),
      'logo_damaged',
    ],
    ['bytes after the end', Buffer.concat([png(), Buffer.from('PK')]), 'logo_damaged'],
    ['no end', Buffer.concat([SIGNATURE, header(plain), dataOf(plain)]), 'logo_damaged'],
    ['no picture', file(header(plain)), 'logo_damaged'],
    ['two headers', file(header(plain), header(plain), dataOf(plain)), 'logo_damaged'],
    ['a header that is not the first', file(chunk('tEXt'), header(plain), dataOf(plain)), 'logo_damaged'],
    ['a short header', file(chunk('IHDR', Buffer.alloc(5)), dataOf(plain)), 'logo_damaged'],
    [
      'a picture in two places',
      file(header(plain), dataOf(plain), chunk('tEXt'), dataOf(plain)),
      'logo_damaged',
    ],
    ['a critical chunk that nobody knows', png({}, chunk('EVIL')), 'logo_damaged'],
    ['a palette that is missing', png({ colour: 3, channels: 1 }), 'logo_damaged'],
    [
      'a palette of half a colour',
      png({ colour: 3, channels: 1 }, chunk('PLTE', Buffer.alloc(4))),
      'logo_damaged',
    ],
    [
      'transparency beyond the palette',
      png({ colour: 3, channels: 1 }, chunk('PLTE', Buffer.alloc(3)), chunk('tRNS', Buffer.alloc(2))),
      'logo_damaged',
    ],
    [
      'transparency where there is an alpha channel',
      png({ colour: 6, channels: 4 }, chunk('tRNS', Buffer.alloc(2))),
      'logo_damaged',
    ],
    ['a colour type that there is not', png({ colour: 5 }), 'logo_damaged'],
    ['a depth that there is not', png({ depth: 4 }), 'logo_damaged'],
    ['interlacing', png({ interlace: 1 }), 'logo_damaged'],
    ['rows that are missing', file(header(plain), dataOf({ ...plain, height: 63 })), 'logo_damaged'],
    ['rows of another size', file(header(plain), dataOf({ ...plain, width: 65 })), 'logo_damaged'],
    ['fifty megabytes in fifty kilobytes', file(header(plain), bomb), 'logo_damaged'],
    ['data that does not inflate', file(header(plain), chunk('IDAT', Buffer.from('x'))), 'logo_damaged'],
    [
      'a filter that there is not',
      file(header(plain), chunk('IDAT', deflateSync(wrongFilter))),
      'logo_damaged',
    ],
    ['63 pixels', png({ width: 63 }), 'logo_dimensions'],
    ['1,025 pixels', png({ width: 1025, height: 1024 }), 'logo_dimensions'],
    ['a banner', png({ width: 200, height: 100 }), 'logo_dimensions'],
    [
      'pixels without number',
      file(header({ ...plain, width: 0xffffffff, height: 0xffffffff }), dataOf(plain)),
      'logo_dimensions',
    ],
  ])('not %s', async (_, given, fault) => {
    expect(await faultOf(given)).toBe(fault);
  });
});

describe('a logo that is handed in', () => {
  let world: World;
  let deps: RegistryDeps;
  beforeAll(async () => {
    world = await createWorld('postgresql');
    deps = registryDeps(world);
  });
  afterAll(() => world.stop());

  const developer = actor('lantern', ['developer']);

  test('is kept once, under its SHA-256, and found again', async () => {
    const { logoId } = await addLogo(deps, developer, png());
    expect(await addLogo(deps, developer, png({}, chunk('tEXt')))).toEqual({ logoId });
    expect(await world.store.prisma.logo.count()).toBe(1);
    const rewritten = await rewritePng(png());
    expect(rewritten).toEqual({ png: await findLogo(world.store, logoId) });
    for (const id of ['', 'a'.repeat(64), `${logoId}\0`])
      expect(await findLogo(world.store, id)).toBeUndefined();
  });

  test('is refused when it is large, or no PNG, or by who revises no apps', async () => {
    const large = Buffer.concat([png(), Buffer.alloc(LOGO_BYTES_MAX)]);
    expect(await refusedWith(addLogo(deps, developer, large))).toEqual([
      'input_invalid',
      'logo logo_too_large',
    ]);
    expect(await refusedWith(addLogo(deps, developer, Buffer.from('<svg/>')))).toEqual([
      ...['input_invalid', 'logo logo_not_png'],
    ]);
    expect(await refusedWith(addLogo(deps, actor('operators', ['reviewer']), png()))).toEqual([
      'not_allowed',
    ]);
  });
});
