// Ana has connected the demo app, which asked for some of her record, for what she did not share, and for James’s.
import { csrfIn, TestBrowser } from './browser.ts';
import { connect } from './connection.ts';
import { decide, readOf } from './decisions.ts';
import { invitationFor } from './invite.ts';
import { createWorld, type World } from './world.ts';

export interface HistoryWorld {
  readonly world: World;
  readonly ana: TestBrowser;
  readonly james: TestBrowser;
  readonly anaId: string;
  readonly jamesId: string;
  /** Of the app, for Ana’s record. */
  readonly token: string;
}

export async function createHistoryWorld(): Promise<HistoryWorld> {
  const world = await createWorld('postgresql');
  const enrolled = async (name: string) => {
    const browser = new TestBrowser(world.issuer);
    await browser.enrol(await invitationFor(world, name));
    return browser;
  };
  const idOf = async (name: string) =>
    (await world.store.prisma.patient.findFirstOrThrow({ where: { name } })).id;
  const [ana, james] = [await enrolled('Ana Rivera'), await enrolled('James Okafor')];
  const token = (await connect(world, ana)).accessToken;
  await decide(world, readOf(token));
  const observation = { type: 'Observation', id: '*', properties: { patient: 'ana-rivera', count: 12 } };
  await decide(world, readOf(token, { action: { name: 'search' }, resource: observation }));
  await decide(world, readOf(token, { action: { name: 'update' } }));
  const foreign = { type: 'Patient', id: 'james-okafor', properties: { patient: 'james-okafor' } };
  await decide(world, readOf(token, { resource: foreign }));
  const [anaId, jamesId] = [await idOf('Ana Rivera'), await idOf('James Okafor')];
  return { world, ana, james, anaId, jamesId, token };
}

/** What a page says, without its marks. */
export const wordsOf = (html: string) =>
  html
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

export const hrefs = (html: string, pattern: RegExp) =>
  [...html.matchAll(/href="([^"]+)"/g)]
    .map(([, url = '']) => url.replaceAll('&amp;', '&'))
    .filter((url) => pattern.test(url));

/** Of a report about an event. */
export const REPORT = /\/report\?app=[^&]+&event=e/;

export const statusOf = async (browser: TestBrowser, url: string) =>
  (await browser.open(url)).response.status;

/** Sends the form of a page that has no other field. */
export async function post(browser: TestBrowser, page: string, action: string) {
  const { html } = await browser.open(page);
  const response = await browser.form(action, [['csrf', csrfIn(html)]]);
  return { status: response.status, html: await response.text() };
}
