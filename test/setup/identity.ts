// Proving who one is at the demo's identity provider, as a browser without a screen does it.
import { TestBrowser } from './browser.ts';
import type { World } from './world.ts';

export const identityOriginOf = (world: World): string =>
  `http://localhost:${world.config.demo?.identityPort}`;

/** The links to identity providers on a page. */
export const providerLinks = ({ html }: { html: string }): string[] =>
  [...html.matchAll(/href="([^"]*\/(?:to|proofing)\/[a-z-]+)"/g)].map(([, url = '']) => url);

/** Goes to the demo's identity provider and chooses there; answers with the address that it sends back to. */
export async function answerOf(
  world: World,
  browser: TestBrowser,
  link: string,
  as: string,
): Promise<string> {
  const { url } = await browser.open(link);
  const there = new TestBrowser(identityOriginOf(world));
  const page = await there.open(url);
  const action = /<form method="post" action="([^"]+)"/.exec(page.html)?.[1];
  if (action === undefined) throw new Error(`nobody can be chosen: ${page.html.replace(/<[^>]+>/g, ' ')}`);
  const chosen = await there.form(action, [['as', as]]);
  return (await there.open(chosen.headers.get('location') ?? '')).url;
}

/** The same, and back again: the page of ours after that. */
export const prove = async (world: World, browser: TestBrowser, link: string, as: string) =>
  browser.open(await answerOf(world, browser, link, as));

/** The link to the demo's provider for somebody who comes for the first time. */
export async function enrolLink(browser: TestBrowser, from = '/my/enrol'): Promise<string> {
  const link = providerLinks(await browser.open(from)).find((one) => one.endsWith('/demo-id'));
  if (link === undefined) throw new Error('no provider is offered');
  return link;
}
