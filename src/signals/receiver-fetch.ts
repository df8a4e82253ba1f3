import type { Config } from '../config.ts';
import { createSafeFetch, type SafeFetch } from '../outside/safe-fetch.ts';

/** How receivers are reached: those at public addresses, and the demo's own FHIR server on this machine. */
export function receiverFetch(
  { allowLoopbackFetch }: Pick<Config, 'allowLoopbackFetch'>,
  demoOrigin: string | undefined,
): SafeFetch {
  const anywhere = createSafeFetch({ allowLoopback: allowLoopbackFetch });
  const here = createSafeFetch({ allowLoopback: true });
  const isDemo = (url: string) => demoOrigin !== undefined && url.startsWith(`${demoOrigin}/`);
  return (url, outgoing) => (isDemo(url) ? here : anywhere)(url, outgoing);
}
