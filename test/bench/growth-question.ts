// One question about one token, for what is checked rather than measured.
import { type Agent, request } from 'node:http';
import { BenchFault } from './bench.ts';

export interface Asked {
  readonly port: number;
  readonly authorization: string;
  readonly agent?: Agent;
}

/** RFC 7662: whether a token is active. */
export function isActive({ port, authorization, agent }: Asked, token: string): Promise<boolean> {
  const headers = {
    ...{ host: `localhost:${port}`, authorization },
    'content-type': 'application/x-www-form-urlencoded',
  };
  const to = { host: '127.0.0.1', port, path: '/introspect', method: 'POST', headers, agent };
  return new Promise((resolve, reject) => {
    const sent = request(to, async (response) => {
      const text = (await response.setEncoding('utf8').toArray()).join('');
      const { active } = JSON.parse(text) as { active?: boolean };
      if (response.statusCode === 200 && active !== undefined) resolve(active);
      else reject(new BenchFault(`introspection answered ${response.statusCode}: ${text}`));
    });
    sent.on('error', reject).end(`token=${token}`);
  });
}
